/** Addresses and the screens behind them; each screen is loaded when first opened. */
import {
  createBrowserHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { queryClient } from './api.ts'
import { asOfIn, lookAsOf } from './as-of.ts'
import { ScreenFailed, ScreenNotFound } from './shell/no-screen.tsx'
import { Shell } from './shell/shell.tsx'

const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>) => search,
})

type Load = () => Promise<{ Screen: () => React.ReactNode }>
const loads: Load[] = []
const screen = (path: string, load: Load) => {
  loads.push(load)
  return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, 'Screen') })
}

const routeTree = root.addChildren([
  screen('/', () => import('./screens/overview/overview.tsx')),
  screen('/usage', () => import('./screens/usage/usage.tsx')),
  screen('/cost', () => import('./screens/cost/cost.tsx')),
  screen('/cost/$customerId', () => import('./screens/cost/customer-margin.tsx')),
  screen('/rules', () => import('./screens/rules/rules.tsx')),
  screen('/allocation', () => import('./screens/allocation/allocation.tsx')),
  screen('/customers', () => import('./screens/customers/customers.tsx')),
  screen('/customers/$customerId', () => import('./screens/customers/customer.tsx')),
  screen('/rate-cards', () => import('./screens/rate-cards/rate-cards.tsx')),
  screen('/rate-cards/$rateCardId', () => import('./screens/rate-cards/rate-card.tsx')),
  screen('/deals', () => import('./screens/deals/deals.tsx')),
  screen('/deals/$dealId', () => import('./screens/deals/deal.tsx')),
  screen('/invoices', () => import('./screens/invoices/invoices.tsx')),
  screen('/invoices/$invoiceId', () => import('./screens/invoices/invoice.tsx')),
  screen('/reconcile', () => import('./screens/reconcile/reconcile.tsx')),
  screen('/sources', () => import('./screens/sources/sources.tsx')),
  screen('/ledger', () => import('./screens/ledger/ledger.tsx')),
  screen('/settings', () => import('./screens/settings/settings.tsx')),
])

export const router = createRouter({
  routeTree,
  history: createBrowserHistory(),
  defaultPreload: false,
  defaultErrorComponent: ScreenFailed,
  defaultNotFoundComponent: ScreenNotFound,
})

// Figures of one moment are never shown at another: what was answered is emptied before the next screen is built.
router.subscribe('onBeforeLoad', ({ toLocation }) => {
  if (lookAsOf(asOfIn(toLocation.search))) queryClient.clear()
})
lookAsOf(asOfIn(router.latestLocation.search))

/**
 * Fetches the code of every screen: going to one then needs nothing but its data, and where the engine has ended
 * the screen can say so. A screen that can't be fetched now is asked for again when it is opened.
 */
export const preloadScreens = async (): Promise<void> => {
  for (const load of loads) await load().catch(() => undefined)
}
