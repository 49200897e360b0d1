/** Finds the customer in Stripe, or makes it: never a second one, never somebody else's. */
import Stripe from 'stripe'
import { DeliveryError, isMissing } from './failure.ts'
import * as plan from './plan.ts'
import { renewKeys } from './record.ts'
import type { Session } from './session.ts'

/** More customers than this in a list are not looked through; it is far above any answer in practice. */
const LISTED_MAX = 10_000

export interface SettledCustomer {
  readonly id: string
  /** Made in this attempt, so nothing can hang on it yet. */
  readonly isNew: boolean
}

/**
 * In this order: the id saved with the customer; the id a former attempt settled on; our id in metadata (search,
 * or all customers where the account has no search); the e-mail address, where exactly one customer has it that
 * no other of ours claimed; our id among customers made lately; else a new one.
 * @throws DeliveryError | Stripe's errors
 */
export const settleCustomer = async (
  stripe: Stripe,
  session: Session,
  customer: plan.DeliveryCustomer,
  nowMs: () => number,
): Promise<SettledCustomer> => {
  const settled = async (id: string, isNew: boolean): Promise<SettledCustomer> => {
    if (session.record().stripeCustomerId !== id) await session.save({ stripeCustomerId: id })
    return { id, isNew }
  }
  if (customer.stripeCustomerId !== null) {
    if (!(await exists(stripe, session, customer.stripeCustomerId)))
      throw new DeliveryError(
        'stripe_customer_is_gone',
        `The customer ${customer.stripeCustomerId} saved for ${customer.name} does not exist in this Stripe account (deleted, or of the other mode: live or test). Correct or clear the Stripe id of ${customer.name} and deliver again.`,
      )
    return settled(customer.stripeCustomerId, false)
  }
  const former = session.record().stripeCustomerId
  if (former !== null) {
    if (await exists(stripe, session, former)) return settled(former, false)
    // Deleted in Stripe since. Its key would bring the deleted one back as an answer.
    await session.save({
      stripeCustomerId: null,
      keys: renewKeys(session.record(), (step) => step === 'customer'),
    })
  }
  const marked = onlyOne(await findByMetadata(stripe, session, customer), customer)
  if (marked !== null) return settled(marked.id, false)

  const recent = await list(stripe, session, plan.recentCustomersParams(nowMs()))
  const lately = onlyOne(recent.filter(isMarkedFor(customer)), customer)
  if (lately !== null) return settled(lately.id, false)

  if (customer.email !== null) {
    const byEmail = (await list(stripe, session, plan.customersByEmailParams(customer.email))).filter(
      (found) => found.email === customer.email,
    )
    const ours = onlyOne(byEmail.filter(isMarkedFor(customer)), customer)
    if (ours !== null) return settled(ours.id, false)
    const free = onlyOne(
      byEmail.filter((found) => !found.metadata?.[plan.METADATA.customer]),
      customer,
    )
    if (free !== null) {
      const params = plan.customerClaimParams(customer)
      await session.write(
        { step: 'claim', path: `/v1/customers/${free.id}`, params },
        (options) => stripe.customers.update(free.id, params, options),
        () => `${free.id} is marked with our id`,
      )
      return settled(free.id, false)
    }
  }
  const params = plan.customerCreateParams(customer)
  const made = await session.write(
    { step: 'customer', path: '/v1/customers', params },
    (options) => stripe.customers.create(params, options),
    (answer) => `made ${answer.id}`,
  )
  return settled(made.id, true)
}

const exists = async (stripe: Stripe, session: Session, id: string): Promise<boolean> => {
  try {
    const found = await session.read(
      { step: 'find-customer', path: `/v1/customers/${id}`, params: {} },
      () => stripe.customers.retrieve(id),
      (answer) => (answer.deleted ? `${id} was deleted` : `${id} is there`),
    )
    return !found.deleted
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

const isMarkedFor =
  (customer: plan.DeliveryCustomer) =>
  (found: Stripe.Customer): boolean =>
    found.metadata?.[plan.METADATA.customer] === customer.id

const list = (
  stripe: Stripe,
  session: Session,
  params: Stripe.CustomerListParams,
): Promise<Stripe.Customer[]> =>
  session.read(
    { step: 'find-customer', path: '/v1/customers', params },
    () => stripe.customers.list(params).autoPagingToArray({ limit: LISTED_MAX }),
    (answer) => `${answer.length} found`,
  )

const findByMetadata = async (
  stripe: Stripe,
  session: Session,
  customer: plan.DeliveryCustomer,
): Promise<Stripe.Customer[]> => {
  const params = plan.customerSearchParams(customer)
  try {
    const found = await session.read(
      { step: 'find-customer', path: '/v1/customers/search', params },
      () => stripe.customers.search(params).autoPagingToArray({ limit: LISTED_MAX }),
      (answer) => `${answer.length} found`,
    )
    return found.filter(isMarkedFor(customer))
  } catch (error) {
    // Accounts in India have no search.
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error
    return (await list(stripe, session, { limit: 100 })).filter(isMarkedFor(customer))
  }
}

const onlyOne = (
  found: readonly Stripe.Customer[],
  customer: plan.DeliveryCustomer,
): Stripe.Customer | null => {
  if (found.length > 1)
    throw new DeliveryError(
      'several_stripe_customers_fit',
      `${found.length} customers in Stripe fit ${customer.name}: ${found.map((each) => each.id).join(', ')}. Save the right one's id with ${customer.name} and deliver again.`,
    )
  return found[0] ?? null
}
