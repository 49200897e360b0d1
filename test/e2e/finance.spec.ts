import { expect, test } from '@playwright/test'
import { startStripeStandIn } from '../support/stripe-stand-in.ts'
import { financeStory } from './finance-story.ts'
import { checkAccessibility, collectErrors, serve } from './support.ts'

test('a finance user takes two files to a closed month and a workbook', async ({ page }) => {
  const stripe = await startStripeStandIn()
  const served = await serve({
    environment: { STRIPE_API_BASE: stripe.url, STRIPE_API_KEY: 'sk_test_end_to_end_0123456789' },
  })
  const errors = collectErrors(page)
  try {
    await page.goto(served.url)
    await financeStory(page, stripe, (where) => checkAccessibility(page, where))
    expect(errors).toEqual([])
  } finally {
    await served.close()
    await stripe.close()
  }
})
