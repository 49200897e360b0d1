/** Allocation plans: kept by the month they begin, tried before they are saved, and what came of them. */

import type { CostBasis } from '../../../contract/cost.ts'
import { describeStep } from '../../../domain/allocation/describe.ts'
import { type AllocationPlan, planOf } from '../../../domain/allocation/plan.ts'
import { validatePlan } from '../../../domain/allocation/validate.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Month } from '../../../domain/period.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { allocationReportOf } from '../reports/allocation.ts'
import { costToServeOf } from '../reports/cost-to-serve.ts'
import { costOf } from '../reports/month-cost.ts'
import { plansOf } from '../reports/placed-cost.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'

const issuesOf = (session: Session, plan: AllocationPlan): readonly Issue[] =>
  validatePlan(plan, {
    metrics: new Set(metricsOf(session).map(({ metric }) => metric)),
    customers: new Set(customersOf(session).map(({ id }) => id)),
  })

const previewOf = async (
  session: Session,
  plan: AllocationPlan,
  month: Month,
  asked: CostBasis | undefined,
) => {
  const basis = asked ?? session.settings().costBasis
  const issues = issuesOf(session, plan)
  const wrong = new Set(
    issues
      .filter(({ severity }) => severity === 'error')
      .map(({ column }) => Number(/^steps\[(\d+)\]/.exec(column ?? '')?.[1] ?? -1)),
  )
  // A step that is not whole yet is left out, so that the others can be seen while it is written.
  const usable = { ...plan, steps: plan.steps.filter((_, index) => !wrong.has(index)) }
  const { currency } = session.settings()
  const parts = await session.cube.poolsOnTrial({ months: [month], currency, basis, steps: usable.steps })
  const cost = await costOf(session, [month], { basis, trial: { plan: usable, parts } })
  return allocationReportOf(session, month, cost.get(month), issues)
}

export const allocationHandlers = (engine: EngineState) => ({
  get: api.allocation.get.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const names = new Map(metricsOf(session).map(({ metric, name }) => [metric, name]))
    return {
      plans: [...session.all('allocation')]
        .sort((a, b) => (a.content.from < b.content.from ? -1 : 1))
        .map(({ content, version }) => ({
          plan: content,
          version,
          words: content.steps.map((step) => describeStep(step, (metric) => names.get(metric) ?? metric)),
        })),
      asOf: knownTo(session),
    }
  }),
  preview: api.allocation.preview.handler(async ({ input }) =>
    previewOf(await sessionAsOf(engine.session(), input.asOf), input.plan, input.month, input.basis),
  ),
  save: api.allocation.save.handler(async ({ input: { plan, expectedVersion } }) => {
    const session = engine.session()
    const issues = issuesOf(session, plan)
    const wrong = issues.find(({ severity }) => severity === 'error')
    if (wrong !== undefined) throw refused('plan_is_wrong', `${wrong.message} Nothing was saved.`, issues)
    const [version = 0] = await session.put(`Allocation from ${plan.from}`, [
      {
        kind: 'allocation',
        id: plan.from,
        content: plan,
        // A plan that was taken back and is made again goes on from its last version.
        expectedVersion:
          expectedVersion === 0 && session.one('allocation', plan.from) === null
            ? (session.versions('allocation', plan.from).at(-1)?.version ?? 0)
            : expectedVersion,
      },
    ])
    return { version, issues: [...issues] }
  }),
  remove: api.allocation.remove.handler(async ({ input: { from, expectedVersion } }) => {
    const session = engine.session()
    if (session.one('allocation', from) === null)
      throw notFound(`There is no allocation plan that begins in ${from}.`)
    const [version = 0] = await session.put(`Allocation from ${from} taken back`, [
      { kind: 'allocation', id: from, content: null, expectedVersion },
    ])
    return { version }
  }),
  report: api.allocation.report.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const cost = await costOf(session, [input.month], { basis: input.basis })
    const plan = planOf(plansOf(session), input.month)
    return allocationReportOf(
      session,
      input.month,
      cost.get(input.month),
      plan === null ? [] : issuesOf(session, plan),
    )
  }),
  costToServe: api.allocation.costToServe.handler(async ({ input }) =>
    costToServeOf(await sessionAsOf(engine.session(), input.asOf), input),
  ),
})
