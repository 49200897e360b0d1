/** What the wizard asks of a folder of logs. */
import type { ConnectionField } from '../../../../contract/connections.ts'

const text = (key: string, label: string, help: string, placeholder?: string): ConnectionField => ({
  key,
  label,
  kind: 'text',
  required: false,
  help,
  ...(placeholder === undefined ? {} : { placeholder }),
})

export const FIELDS: readonly ConnectionField[] = [
  {
    key: 'path',
    label: 'Folder or files',
    kind: 'text',
    required: true,
    placeholder: '/var/log/nginx/access.log*',
    help: 'The pattern should take the rotated files in, gzip too.',
  },
  {
    key: 'format',
    label: 'Format',
    kind: 'choice',
    required: true,
    initial: 'combined',
    choices: [
      { value: 'combined', label: 'Access log, combined or common' },
      { value: 'alb', label: 'Application Load Balancer' },
      { value: 'json', label: 'JSON, one object a line' },
      { value: 'pattern', label: 'A regular expression' },
    ],
  },
  {
    ...text(
      'tenantFrom',
      'Who the tenant is, in an access log',
      'client (address), segment:1 (of the path), host (load balancer only), or regex: and a pattern whose first group it is.',
    ),
    initial: 'segment:1',
  },
  text('metric', 'Metric', 'Of JSON and a regular expression: what a line counts for.', 'api.calls'),
  text('tenantField', 'Tenant, in JSON', 'A member, or a path like user.account.', 'tenant'),
  text('timeField', 'Time, in JSON', 'ISO, seconds or milliseconds since 1970.', 'time'),
  text('valueField', 'Quantity, in JSON', 'Left empty, each line counts once.', 'bytes'),
  { key: 'dimensionFields', label: 'Dimensions, in JSON', kind: 'lines', required: false },
  text(
    'pattern',
    'Regular expression',
    'With the named groups tenant and time; value where a line counts for more; other groups are dimensions.',
    String.raw`^(?<time>\S+) (?<tenant>\S+) (?<method>[A-Z]+) .* (?<value>\d+)$`,
  ),
  {
    key: 'fromNow',
    label: 'Leave out what the files hold already',
    kind: 'yes_no',
    required: false,
    help: 'Otherwise they are read from their beginning.',
  },
]
