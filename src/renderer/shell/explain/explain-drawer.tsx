import { Anchor, Breadcrumbs, Drawer, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { AllocationView } from './allocation-view.tsx'
import { CostView } from './cost-view.tsx'
import { LineView } from './line-view.tsx'
import { RecordView } from './record-view.tsx'
import { RevenueView } from './revenue-view.tsx'
import { SettlementView } from './settlement-view.tsx'
import { SumView } from './sum-view.tsx'
import { crumbOf } from './trail.ts'
import { UsageView } from './usage-view.tsx'

interface ViewProps {
  readonly target: ExplainTarget
  readonly onOpen: (target: ExplainTarget) => void
  readonly onClose: () => void
}

const View = ({ target, onOpen, onClose }: ViewProps) => {
  switch (target.kind) {
    case 'line':
      return <LineView target={target} onOpen={onOpen} onClose={onClose} />
    case 'settlement':
      return <SettlementView target={target} />
    case 'usage':
      return <UsageView target={target} onOpen={onOpen} />
    case 'cost':
      return <CostView target={target} onOpen={onOpen} />
    case 'record':
      return <RecordView target={target} onOpen={onOpen} onClose={onClose} />
    case 'revenue':
      return <RevenueView target={target} onOpen={onOpen} onClose={onClose} />
    case 'allocation':
      return <AllocationView target={target} onOpen={onOpen} />
    case 'sum':
      return <SumView target={target} onOpen={onOpen} />
  }
}

const Trail = (props: { trail: readonly ExplainTarget[]; onBack: (index: number) => void }) => (
  <nav aria-label="Way to this figure">
    <Breadcrumbs separator="▸" separatorMargin={6} mb="sm" styles={{ root: { flexWrap: 'wrap' } }}>
      {props.trail.map((step, index) =>
        index === props.trail.length - 1 ? (
          <Text key={JSON.stringify(step)} size="sm" fw={600} aria-current="step">
            {crumbOf(step)}
          </Text>
        ) : (
          <Anchor
            key={JSON.stringify(step)}
            component="button"
            type="button"
            size="sm"
            onClick={() => props.onBack(index)}
          >
            {crumbOf(step)}
          </Anchor>
        ),
      )}
    </Breadcrumbs>
  </nav>
)

/** "Why is it this?" for any figure, down to the raw record. Escape closes, and the focus goes back to the figure. */
export const ExplainDrawer = (props: {
  target: ExplainTarget | null
  onOpen: (target: ExplainTarget) => void
  onClose: () => void
}) => {
  const { target } = props
  const [trail, setTrail] = useState<readonly ExplainTarget[]>([])
  // A figure of a screen begins a new trail; a part opened in here was put at its end by `follow`.
  if (target !== null && trail.at(-1) !== target) setTrail([target])
  const heading = useRef<HTMLHeadingElement>(null)
  const depth = trail.length
  const lastDepth = useRef(0)
  useEffect(() => {
    // What had the focus is gone with the view it was in.
    if (lastDepth.current > 0 && depth > 0 && lastDepth.current !== depth) heading.current?.focus()
    lastDepth.current = depth
  }, [depth])
  const goTo = (next: readonly ExplainTarget[]) => {
    const last = next.at(-1)
    if (last === undefined) return
    setTrail(next)
    props.onOpen(last)
  }
  const shown = trail.at(-1)
  return (
    <Drawer.Root
      opened={target !== null}
      onClose={props.onClose}
      onExitTransitionEnd={() => setTrail([])}
      position="right"
      size={720}
    >
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Header>
          <Drawer.Title ref={heading} tabIndex={-1} fw={700} fz="lg">
            Why is it this?
          </Drawer.Title>
          <Drawer.CloseButton aria-label="Close the explanation" />
        </Drawer.Header>
        <Drawer.Body>
          {depth > 1 && <Trail trail={trail} onBack={(index) => goTo(trail.slice(0, index + 1))} />}
          {shown !== undefined && (
            <View
              key={JSON.stringify(shown)}
              target={shown}
              onOpen={(next) => goTo([...trail, next])}
              onClose={props.onClose}
            />
          )}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}
