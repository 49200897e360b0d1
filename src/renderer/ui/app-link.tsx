import { Anchor, type AnchorProps } from '@mantine/core'
import { defaultParseSearch, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { carriedSearch } from '../as-of.ts'

/** Splits an address of the program, `/invoices?month=2026-10`, into what the router takes. */
export const splitAddress = (address: string): { to: string; search: Record<string, unknown> } => {
  const [to = '/', query] = address.split('?', 2)
  return { to, search: query === undefined ? {} : (defaultParseSearch(query) as Record<string, unknown>) }
}

/**
 * A link to an address of the program, as the engine gives them. The month and the moment looked at go along.
 * It is underlined, so that it is told from the text around it without colour.
 */
export const AppLink = (props: AnchorProps & { to: string; children: ReactNode }) => {
  const { to, children, ...anchor } = props
  const address = splitAddress(to)
  const target = {
    to: address.to,
    search: (previous: Record<string, unknown>) => ({
      ...carriedSearch(previous),
      ...address.search,
    }),
  }
  return (
    <Anchor component={Link} underline="always" fz="inherit" {...anchor} {...(target as object)}>
      {children}
    </Anchor>
  )
}
