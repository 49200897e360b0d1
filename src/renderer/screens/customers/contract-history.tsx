import { List, Stack, Text, Timeline } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { contractTerms, diffContracts } from '../../../domain/pricing/contract-words.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { formatExact, formatInstant, formatMoney } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { useContractContext } from './contract-context.ts'

const Sentences = (props: { sentences: readonly string[] }) => (
  <List size="sm">
    {props.sentences.map((sentence) => (
      <List.Item key={sentence}>{sentence}</List.Item>
    ))}
  </List>
)

const termsOf = (contract: Contract, contextOf: ReturnType<typeof useContractContext>): readonly string[] =>
  contractTerms(contract, contextOf(contract)).map(({ about, words }) => `${about}: ${words}`)

/** The version that says what a month's commitments and credits are: the one in force at its end. */
const inForce = (versions: readonly { readonly contract: Contract }[], month: string): Contract | undefined =>
  versions.findLast(
    ({ contract: { amendment } }) => amendment === undefined || amendment.effectiveDay.slice(0, 7) <= month,
  )?.contract

const heldFrom = (contract: Contract): string =>
  contract.amendment === undefined
    ? `Holds from ${contract.startDay}`
    : `Holds from ${contract.amendment.effectiveDay}${contract.amendment.note === '' ? '' : `: ${contract.amendment.note}`}`

/** Every version of a contract, newest first, with what it changed in words and what is left of it. */
export const ContractHistory = (props: { contractId: string }) => {
  const { settings } = useBook()
  const history = useQuery(
    api.customers.contractHistory.queryOptions({ input: { contractId: props.contractId } }),
  )
  const contextOf = useContractContext()
  return (
    <Section title={`History of ${props.contractId}`}>
      <Query of={history} what="The contract’s history">
        {({ versions, balances }) => {
          const newest = versions.at(-1)
          const currency = newest === undefined ? settings.currency : contextOf(newest.contract).currency
          const then = balances === null ? undefined : inForce(versions, balances.month)
          const nameOf = (grantId: string) => then?.credits?.find(({ id }) => id === grantId)?.name ?? grantId
          const left = [
            ...(balances?.credits ?? [])
              // A grant that a top-up bought, or a trial, is no term: once it is used up nothing names it any more.
              .filter((credit) => credit.left !== '0' || nameOf(credit.grantId) !== credit.grantId)
              .map(
                (credit) =>
                  `Credit “${nameOf(credit.grantId)}”: ${formatMoney(credit.left, currency)} of ${formatMoney(credit.amount, currency)} ${currency} left`,
              ),
            ...(balances?.commitments ?? []).map(({ id, periodStart, counted }) => {
              const agreed = then?.commitments?.find((each) => each.id === id)
              return `Commitment “${agreed?.name ?? id}”: ${formatMoney(counted, currency)}${agreed === undefined ? '' : ` of ${formatMoney(agreed.amount, currency)}`} ${currency} counted since ${periodStart}`
            }),
            ...(balances?.allowances ?? []).map(({ key, left }) => `${key}: ${formatExact(left)} units left`),
          ]
          return (
            <Stack gap="sm">
              {newest !== undefined && versions.length > 1 && (
                <div>
                  <Text size="sm" fw={600}>
                    {newest.contract.amendment === undefined
                      ? 'As it stands, all changes in it'
                      : `As it stands from ${newest.contract.amendment.effectiveDay} on, all changes in it`}
                  </Text>
                  <Sentences sentences={termsOf(newest.contract, contextOf)} />
                </div>
              )}
              {balances !== null && left.length > 0 && (
                <div>
                  <Text size="sm" fw={600}>
                    Left at the end of {balances.month}, by invoice{' '}
                    <ScreenLink to={recordPath('/invoices', balances.invoiceId)}>
                      {balances.invoiceId}
                    </ScreenLink>
                  </Text>
                  <Sentences sentences={left} />
                </div>
              )}
              <Timeline active={versions.length} bulletSize={14} lineWidth={2}>
                {versions
                  .map(({ version, contract, recordedMs, author }, index) => {
                    const before = versions[index - 1]?.contract
                    const context = contextOf(contract)
                    const sentences =
                      before === undefined
                        ? termsOf(contract, contextOf)
                        : diffContracts(before, contract, context)
                    return (
                      <Timeline.Item key={version} title={`Version ${version}`}>
                        <Text size="xs" c="dimmed">
                          {heldFrom(contract)}. Written {formatInstant(recordedMs, settings.timeZone)} by{' '}
                          {author}.
                        </Text>
                        <Sentences
                          sentences={sentences.length === 0 ? ['Nothing that is priced changed.'] : sentences}
                        />
                      </Timeline.Item>
                    )
                  })
                  .reverse()}
              </Timeline>
            </Stack>
          )
        }}
      </Query>
    </Section>
  )
}
