/** The read-only access to a container: a SAS, signed with the account’s key or by a login. */
import type { Permissions } from '../../collector.ts'
import type { AccessConfig } from './access.ts'

/** First of the host’s name, or of the path where the host is none of Azure’s. */
const accountIn = (accountUrl: string): string => {
  const { hostname, pathname } = new URL(accountUrl)
  return pathname.slice(1) || (hostname.split('.')[0] ?? '')
}

export const azurePermissions = (given: AccessConfig | null): Permissions => {
  const account = given === null ? 'ACCOUNT' : accountIn(given.accountUrl)
  const container = given?.container ?? 'CONTAINER'
  const scope = `/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Storage/storageAccounts/${account}`
  return {
    sentence:
      'Read-only: a SAS of the container with r (read) and l (list), and an expiry. One signed with the account key lasts as long as you say, and ends with the key; one that your login signs lasts seven days at most.',
    documents: [
      {
        title: 'SAS by the account key (Azure CLI)',
        language: 'text',
        text: `az storage container generate-sas \\
  --account-name ${account} \\
  --name '${container}' \\
  --permissions rl \\
  --expiry YYYY-MM-DDTHH:MMZ \\
  --https-only \\
  --auth-mode key \\
  --output tsv
`,
      },
      {
        title: 'SAS by a login with Storage Blob Data Reader (Azure CLI)',
        language: 'text',
        text: `az role assignment create \\
  --assignee USER \\
  --role "Storage Blob Data Reader" \\
  --scope ${scope}
az storage container generate-sas \\
  --account-name ${account} \\
  --name '${container}' \\
  --permissions rl \\
  --expiry YYYY-MM-DDTHH:MMZ \\
  --https-only \\
  --auth-mode login \\
  --as-user \\
  --output tsv
`,
      },
    ],
  }
}
