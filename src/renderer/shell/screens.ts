/** The screens, in the order of the rail: data for rail, router and palette alike. */
import {
  IconArrowsSplit,
  IconBuildingBank,
  IconChartBar,
  IconCoins,
  IconDatabaseImport,
  IconFileInvoice,
  IconGauge,
  IconHeartHandshake,
  IconListSearch,
  IconScale,
  IconSettings,
  IconTags,
  IconUsers,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'

export interface Screen {
  readonly path: string
  readonly title: string
  readonly icon: ComponentType<{ size?: number }>
  /** Other words under which the palette finds it. */
  readonly words: string
}

export const SCREENS: readonly Screen[] = [
  { path: '/', title: 'Overview', icon: IconGauge, words: 'home dashboard month' },
  { path: '/usage', title: 'Usage', icon: IconChartBar, words: 'metrics slice dice events' },
  { path: '/cost', title: 'Cost & margin', icon: IconCoins, words: 'margin waterfall unattributed bill' },
  { path: '/rules', title: 'Attribution', icon: IconTags, words: 'rules tags tenants unattributed' },
  {
    path: '/allocation',
    title: 'Allocation',
    icon: IconArrowsSplit,
    words: 'shared cost pools steps headcount idle capacity',
  },
  { path: '/customers', title: 'Customers', icon: IconUsers, words: 'tenants accounts contracts' },
  { path: '/rate-cards', title: 'Rate cards', icon: IconListSearch, words: 'prices charges tiers plans' },
  { path: '/deals', title: 'Deals', icon: IconHeartHandshake, words: 'discount quote scenario renewal' },
  { path: '/invoices', title: 'Invoices', icon: IconFileInvoice, words: 'run approve deliver stripe drafts' },
  { path: '/reconcile', title: 'Reconcile & close', icon: IconScale, words: 'close month bill lock checks' },
  { path: '/sources', title: 'Sources', icon: IconDatabaseImport, words: 'import drop file upload data' },
  {
    path: '/ledger',
    title: 'Ledger',
    icon: IconBuildingBank,
    words: 'search quarantine verify batches record',
  },
  {
    path: '/settings',
    title: 'Settings',
    icon: IconSettings,
    words: 'book currency time zone metrics stripe backup',
  },
]
