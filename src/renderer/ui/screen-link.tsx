/** Links and moves between screens. The month and the moment looked at go along; the rest stays with its screen. */
import { Anchor, Button, type ButtonProps } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useCallback } from 'react'
import { carriedSearch } from '../as-of.ts'

type Search = Readonly<Record<string, string>>

const carry = (search: Search | undefined) => (previous: Record<string, unknown>) => ({
  ...carriedSearch(previous),
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
    {...({ to: props.to, search: carry(props.search) } as object)}
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
    <Button component={Link} {...look} {...({ to, search: carry(search) } as object)}>
      {children}
    </Button>
  )
}

/** Goes to a screen from code. */
export const useGo = () => {
  const navigate = useNavigate()
  return useCallback(
    (to: string, search?: Search) => void navigate({ to, search: carry(search) } as never),
    [navigate],
  )
}

/** The address of one record's screen: `/customers` and `a b` make `/customers/a%20b`. */
export const recordPath = (screen: string, id: string): string => `${screen}/${encodeURIComponent(id)}`
