/** Links and moves between screens. The month goes along; the rest of a screen's state stays with it. */
import { Anchor, Button, type ButtonProps } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'

type Search = Readonly<Record<string, string>>

const carryMonth = (search: Search | undefined) => (previous: Record<string, unknown>) => ({
  ...(previous.month === undefined ? {} : { month: previous.month }),
  ...search,
})

interface Target {
  readonly to: string
  readonly search?: Search
  readonly children: ReactNode
}

export const ScreenLink = (props: Target & { onFollow?: () => void }) => (
  <Anchor
    component={Link}
    fz="inherit"
    underline="always"
    {...({ to: props.to, search: carryMonth(props.search) } as object)}
    onClick={(event: React.MouseEvent) => {
      event.stopPropagation()
      props.onFollow?.()
    }}
  >
    {props.children}
  </Anchor>
)

/** A link that looks like a button. */
export const LinkButton = (props: Target & ButtonProps) => {
  const { to, search, children, ...look } = props
  return (
    <Button component={Link} {...look} {...({ to, search: carryMonth(search) } as object)}>
      {children}
    </Button>
  )
}

/** Goes to a screen from code. */
export const useGo = () => {
  const navigate = useNavigate()
  return (to: string, search?: Search) => void navigate({ to, search: carryMonth(search) } as never)
}

/** The address of one record's screen: `/customers` and `a b` make `/customers/a%20b`. */
export const recordPath = (screen: string, id: string): string => `${screen}/${encodeURIComponent(id)}`
