import { Stack, Text } from '@mantine/core'
import type { Metric } from '../../../domain/metric.ts'
import { MetricFields } from '../settings/metric-fields.tsx'
import classes from './sources.module.css'

/** Metrics the book doesn't know yet, as they will be defined by the import. */
export const NewMetrics = (props: {
  metrics: readonly Metric[]
  onChange: (metrics: readonly Metric[]) => void
}) => (
  <Stack gap={6} component="section" aria-label="New metrics">
    <Text fw={600} size="sm">
      {props.metrics.length === 1
        ? 'A metric the book doesn’t know yet'
        : 'Metrics the book doesn’t know yet'}
    </Text>
    <Text size="xs" c="dimmed">
      They are defined by this import. Name, unit and aggregation can be changed later; decimals can only
      grow.
    </Text>
    <div className={classes.metrics}>
      {['Metric', 'Name', 'Unit', 'A period’s quantity is', 'Decimals', 'Counted dimension'].map((title) => (
        <Text key={title} size="xs" fw={600}>
          {title}
        </Text>
      ))}
      {props.metrics.map((metric, index) => (
        <div key={metric.metric} className={classes.row}>
          <Text size="sm" ff="monospace" truncate title={metric.metric}>
            {metric.metric}
          </Text>
          <MetricFields
            bare
            metric={metric}
            onChange={(changed) =>
              props.onChange(props.metrics.map((each, i) => (i === index ? changed : each)))
            }
          />
        </div>
      ))}
    </div>
  </Stack>
)
