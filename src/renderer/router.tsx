/** Addresses and the screens behind them; each screen is loaded when first opened. */
import { createBrowserHistory, createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Shell } from './shell/shell.tsx'

const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>) => search,
})

const screen = (path: string, load: () => Promise<{ Screen: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, 'Screen') })

const routeTree = root.addChildren([
  screen('/', () => import('./screens/overview/overview.tsx')),
  screen('/usage', () => import('./screens/usage/usage.tsx')),
  screen('/cost', () => import('./screens/cost/cost.tsx')),
  screen('/cost/$customerId', () => import('./screens/cost/customer-margin.tsx')),
  screen('/rules', () => import('./screens/rules/rules.tsx')),
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

export const router = createRouter({ routeTree, history: createBrowserHistory(), defaultPreload: false })
