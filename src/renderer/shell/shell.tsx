import { AppShell, NavLink, Text } from '@mantine/core'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { carriedSearch } from '../as-of.ts'
import { useAsOf } from '../ui/as-of.ts'
import { BookProvider, type OpenBook, useBookStatus } from '../ui/book.tsx'
import { ExplainContext, type ExplainTarget } from '../ui/explain-context.tsx'
import { JobsProvider } from '../ui/jobs.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import { AsOfBanner, NoSuchMoment } from './as-of-banner.tsx'
import { ExplainDrawer } from './explain/explain-drawer.tsx'
import { JobPanel } from './job-panel.tsx'
import { Palette } from './palette.tsx'
import { SCREENS } from './screens.ts'
import { Standing } from './standing.tsx'
import { TopBar } from './top-bar.tsx'
import { Welcome } from './welcome.tsx'

const Rail = () => {
  const path = useRouterState({ select: (state) => state.location.pathname })
  return (
    <nav aria-label="Screens">
      {SCREENS.map((screen) => (
        <NavLink
          key={screen.path}
          component={Link}
          to={screen.path}
          // The month and the moment looked at go along from screen to screen; the rest stays with its screen.
          {...({ search: carriedSearch } as object)}
          label={screen.title}
          leftSection={<screen.icon size={18} />}
          active={screen.path === '/' ? path === '/' : path.startsWith(screen.path)}
          aria-current={
            (screen.path === '/' ? path === '/' : path.startsWith(screen.path)) ? 'page' : undefined
          }
          py={6}
        />
      ))}
    </nav>
  )
}

const Open = (props: { book: OpenBook }) => {
  const [target, setTarget] = useState<ExplainTarget | null>(null)
  return (
    <BookProvider book={props.book}>
      <ExplainContext value={setTarget}>
        <AppShell header={{ height: 52 }} navbar={{ width: 196, breakpoint: 'xs' }} padding={0}>
          <AppShell.Header>
            <TopBar />
          </AppShell.Header>
          <AppShell.Navbar p={6}>
            <Rail />
            <Text size="xs" c="dimmed" mt="auto" px="xs" pb={4} title={props.book.head.hash}>
              {props.book.head.entries.toLocaleString('en')} entries
              <br />
              chain head {props.book.head.hash.slice(0, 8)}
            </Text>
          </AppShell.Navbar>
          <AppShell.Main>
            <AsOfBanner />
            <Standing />
            <Outlet />
          </AppShell.Main>
        </AppShell>
        <ExplainDrawer target={target} onOpen={setTarget} onClose={() => setTarget(null)} />
        <JobPanel />
        <Palette />
      </ExplainContext>
    </BookProvider>
  )
}

const REFUSED_MOMENTS: ReadonlySet<unknown> = new Set(['REFUSED', 'NOT_FOUND', 'BAD_REQUEST'])

const Book = () => {
  const status = useBookStatus()
  const asOf = useAsOf()
  if (status.data === undefined) {
    const { error } = status
    if (error === null) return <Loading what="the book" />
    return asOf !== null && 'code' in error && REFUSED_MOMENTS.has(error.code) ? (
      <NoSuchMoment error={error} />
    ) : (
      <Failure what="The book" error={error} retry={() => void status.refetch()} />
    )
  }
  const { settings } = status.data
  return settings === null ? <Welcome status={status.data} /> : <Open book={{ ...status.data, settings }} />
}

/** Everything around a screen; the welcome screen where no book is open yet. */
export const Shell = () => (
  <JobsProvider>
    {/* Built anew for each moment looked at: nothing that was read at one is kept at another. */}
    <Book key={useAsOf() ?? 'now'} />
  </JobsProvider>
)
