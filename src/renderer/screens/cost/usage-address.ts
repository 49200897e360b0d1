/** The Usage screen with one customer's usage by tenant: filters are JSON in its search. */
export const usageAddress = (customerId: string): string => {
  const filters = JSON.stringify([{ field: 'customer', values: [customerId] }])
  return `/usage?group=${encodeURIComponent('["tenant"]')}&filters=${encodeURIComponent(filters)}`
}
