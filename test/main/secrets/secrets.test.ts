import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createSecrets,
  SecretError,
  type SecretName,
  type SecretStore,
} from '../../../src/main/secrets/secrets.ts'

const TEST_KEY = 'sk_test_51AbcDefGhiJklMno'
const LIVE_KEY = 'rk_live_51ZyxWvuTsrQpoNml'

/** A store as the desktop fills it. */
const storeOf = (saved: Map<SecretName, string> = new Map()): SecretStore => ({
  available: true,
  reason: null,
  get: async (name) => saved.get(name) ?? null,
  set: async (name, value) => {
    saved.set(name, value)
  },
  delete: async (name) => {
    saved.delete(name)
  },
})
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof SecretError)) throw new Error(`expected a SecretError, got ${String(error)}`)
  return [error.code, error.message]
}

describe('where a secret comes from', () => {
  const saved = () => storeOf(new Map([['STRIPE_API_KEY', LIVE_KEY]]))
  const ROWS = [
    {
      environment: {},
      store: undefined,
      value: null,
      sentence:
        'Not set. Secrets are not saved when Countinghouse is served in the browser. Set STRIPE_API_KEY in the environment and start it again.',
      canBeSaved: false,
    },
    {
      environment: { STRIPE_API_KEY: ` ${TEST_KEY}\n` },
      store: undefined,
      value: TEST_KEY,
      sentence: 'Set in the environment, a test key.',
      canBeSaved: false,
    },
    {
      environment: { STRIPE_API_KEY: ' ' },
      store: saved(),
      value: LIVE_KEY,
      sentence: 'Saved on this machine, encrypted, a live key.',
      canBeSaved: true,
    },
    {
      environment: { STRIPE_API_KEY: TEST_KEY },
      store: saved(),
      value: TEST_KEY,
      sentence: 'Set in the environment, a test key.',
      canBeSaved: false,
    },
    { environment: {}, store: storeOf(), value: null, sentence: 'Not set.', canBeSaved: true },
  ]
  it.each(ROWS)('$sentence', async ({ environment, store, value, sentence, canBeSaved }) => {
    const secrets = createSecrets({ environment, ...(store === undefined ? {} : { store }) })
    expect(await secrets.readSecret('STRIPE_API_KEY')).toBe(value)
    expect(await secrets.describeSecret('STRIPE_API_KEY')).toMatchObject({ sentence, canBeSaved })
  })

  it('saved, read and deleted', async () => {
    const secrets = createSecrets({ environment: {}, store: storeOf() })
    await secrets.saveSecret('STRIPE_API_KEY', `${TEST_KEY}\n`)
    expect(await secrets.readSecret('STRIPE_API_KEY')).toBe(TEST_KEY)
    await secrets.deleteSecret('STRIPE_API_KEY')
    expect(await secrets.readSecret('STRIPE_API_KEY')).toBe(null)
  })
})

describe('what is refused, without showing it', () => {
  const desktop = () => createSecrets({ environment: {}, store: storeOf() })
  it.each([
    ['sk_test_1', 'STRIPE_API_KEY as entered is too short. Copy it again from the Stripe Dashboard.'],
    [
      'sk_test_51Abc Def',
      'STRIPE_API_KEY as entered holds spaces or signs that no key has. Copy it again from the Stripe Dashboard.',
    ],
    [
      'pk_test_51AbcDefGhi',
      'STRIPE_API_KEY as entered is a publishable key; the secret key begins with sk_ or rk_. Copy it again from the Stripe Dashboard.',
    ],
  ])('%s', async (value, message) => {
    expect(await refusal(desktop().saveSecret('STRIPE_API_KEY', value))).toEqual([
      'is_not_a_secret_key',
      message,
    ])
  })

  it('a save in served mode', async () => {
    const [code] = await refusal(createSecrets({ environment: {} }).saveSecret('STRIPE_API_KEY', TEST_KEY))
    expect(code).toBe('cannot_be_saved_here')
  })

  it('a save that the environment would hide', async () => {
    const secrets = createSecrets({ environment: { STRIPE_API_KEY: LIVE_KEY }, store: storeOf() })
    const [code] = await refusal(secrets.saveSecret('STRIPE_API_KEY', TEST_KEY))
    expect(code).toBe('is_set_by_the_environment')
  })

  it('a broken one in the environment is described, not thrown', async () => {
    const state = await createSecrets({ environment: { STRIPE_API_KEY: 'oops' } }).describeSecret(
      'STRIPE_API_KEY',
    )
    expect([state.from, state.sentence]).toEqual([
      'environment',
      'STRIPE_API_KEY in the environment is too short. Copy it again from the Stripe Dashboard.',
    ])
  })
})

describe('redact', () => {
  it('removes what was saved, whatever it looks like, wherever it stands', async () => {
    const secrets = createSecrets({ environment: {}, store: storeOf() })
    await secrets.saveSecret('STRIPE_API_KEY', 'an-unusual-value')
    await secrets.saveSecret('STRIPE_API_KEY', 'an-unusual-value-longer')
    expect(secrets.redact('a an-unusual-value b an-unusual-value-longer c')).toBe(
      'a [STRIPE_API_KEY] b [STRIPE_API_KEY] c',
    )
  })

  it('removes what the environment holds before anybody read it', () => {
    expect(
      createSecrets({ environment: { STRIPE_API_KEY: 'an-unusual-value' } }).redact('<an-unusual-value>'),
    ).toBe('<[STRIPE_API_KEY]>')
  })

  it('removes what has the shape of a key, masked as Stripe does too', () => {
    const { redact } = createSecrets({ environment: {} })
    expect(redact(`Invalid API Key provided: sk_test_****Mno, ${LIVE_KEY}.`)).toBe(
      'Invalid API Key provided: [STRIPE_API_KEY], [STRIPE_API_KEY].',
    )
  })

  it('leaves ordinary text alone', () => {
    const { redact } = createSecrets({ environment: {} })
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/[sr]k_/.test(text))
        expect(redact(text)).toBe(text)
      }),
    )
  })
})
