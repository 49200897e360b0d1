import { AppShell, NavLink, Text } from '@mantine/core'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { BookProvider, type OpenBook, useBookStatus } from '../ui/book.tsx'
import { ExplainContext, type ExplainTarget } from '../ui/explain-context.tsx'
import { JobsProvider } from '../ui/jobs.tsx'
import { Failure, Loading } from '../ui/states.tsx'
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
          // The month goes along from screen to screen; the rest of a screen's state stays with it.
          {...({
            search: (previous: Record<string, unknown>) =>
              previous.month === undefined ? {} : { month: previous.month },
          } as object)}
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

/** Everything around a screen; the welcome screen where no book is open yet. */
export const Shell = () => {
  const status = useBookStatus()
  if (status.data === undefined)
    return status.error ? (
      <Failure what="The book" error={status.error} retry={() => void status.refetch()} />
    ) : (
      <Loading what="the book" />
    )
  const { settings } = status.data
  return (
    <JobsProvider>
      {settings === null ? <Welcome status={status.data} /> : <Open book={{ ...status.data, settings }} />}
    </JobsProvider>
  )
}
