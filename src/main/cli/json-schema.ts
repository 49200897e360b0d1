/**
 * The JSON Schemas of docs/formats, for any validator: patterns are in what ECMA-262, Python's re and RE2 have in
 * common, parts that come up again have names, and each kind of charge its title.
 */
import { z } from 'zod'
import type { Format } from './formats.ts'

type Node = Record<string, unknown>

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const DECIMAL = '^-?\\d{1,60}(\\.\\d{1,60})?$'
const PERCENT = '^\\d{1,3}(\\.\\d{1,10})?$'
const ID = '^[\\p{L}\\p{N}_.:@-]{1,128}$'
/** Everything but white space, control characters and the signs of ASCII that are not - _ . : @. */
const PORTABLE_ID = '^[^\\u0000-,/;-?\\[-\\^`{-\\u00a0]{1,128}$'

/** What a schema says of one value, in words that every validator knows. */
const portable = (node: Node, isAnswer: boolean): void => {
  const { pattern } = node
  if (typeof pattern !== 'string') return
  if (pattern === ID) {
    node.pattern = PORTABLE_ID
    node.description ??= 'letters and digits of any script and - _ . : @'
    return
  }
  node.pattern = pattern.replaceAll('\\d', '[0-9]')
  if (isAnswer || (pattern !== DECIMAL && pattern !== PERCENT)) return
  node.type = ['string', 'number']
  if (pattern === PERCENT) Object.assign(node, { minimum: 0, maximum: 100 })
}

const walk = (value: unknown, visit: (node: Node) => void): void => {
  if (Array.isArray(value)) for (const each of value) walk(each, visit)
  if (!isNode(value)) return
  visit(value)
  for (const each of Object.values(value)) walk(each, visit)
}

const REFERENCE = /^#\/\$defs\/(.+)$/

const nameOf = (ref: unknown): string | undefined => REFERENCE.exec(String(ref ?? ''))?.[1]

/** Puts what is a line long where it stands: a constant, a list of words, another name for a part. */
const withoutSmallParts = (root: Node): void => {
  const defs = (root.$defs ?? {}) as Record<string, Node>
  const isSmall = (part: Node | undefined): part is Node =>
    part !== undefined && ('const' in part || 'enum' in part || '$ref' in part)
  // A small part may name another one.
  for (let again = true; again; ) {
    again = false
    walk(root, (node) => {
      const part = defs[nameOf(node.$ref) ?? '']
      if (!isSmall(part)) return
      const { $ref: _ref, ...own } = node
      delete node.$ref
      Object.assign(node, part, own)
      again = true
    })
  }
  for (const [name, part] of Object.entries(defs)) if (isSmall(part)) delete defs[name]
}

const kindOf = (node: unknown): string | undefined => {
  const kind = isNode(node) && isNode(node.properties) ? node.properties.kind : undefined
  return isNode(kind) && typeof kind.const === 'string' ? kind.const : undefined
}

/** What a part is called: by what it looks like, since zod has no names for them. */
const titleOf = (part: Node): string => {
  const branches = Array.isArray(part.oneOf) ? part.oneOf.map(kindOf) : []
  if (branches.includes('flat_fee')) return 'charge'
  if (branches.includes('per_unit')) return 'price'
  if (branches.includes('spend')) return 'discount'
  if (typeof part.pattern === 'string') {
    if (part.pattern === PORTABLE_ID) return 'id'
    if (part.pattern.startsWith('^-?[0-9]{1,60}')) return 'decimal'
    if (part.pattern.startsWith('^[0-9]{1,3}')) return 'percent'
    if (part.pattern === '^[A-Z]{3}$') return 'currency'
    return part.format === 'date' ? 'day' : 'month'
  }
  const fields = Object.keys(isNode(part.properties) ? part.properties : {})
  if (fields.length > 0) return fields.slice(0, 2).join('_')
  const items = isNode(part.items) ? part.items : null
  if (items !== null) return `list_of_${nameOf(items.$ref) ?? titleOf(items)}`
  return part.type === 'string' ? 'text' : typeof part.type === 'string' ? part.type : 'part'
}

const withNames = (root: Node): void => {
  const defs = (root.$defs ?? {}) as Record<string, Node>
  const names = new Map<string, string>()
  const named: Record<string, Node> = {}
  // Lists last, because they are called after what they hold.
  const inOrder = Object.entries(defs).toSorted(([, a], [, b]) => Number('items' in a) - Number('items' in b))
  for (const [old, part] of inOrder) {
    if (isNode(part.items)) {
      const held = names.get(nameOf(part.items.$ref) ?? '')
      if (held !== undefined) part.items.$ref = `#/$defs/${held}`
    }
    const title = titleOf(part)
    let name = title
    for (let count = 2; name in named; count += 1) name = `${title}_${count}`
    names.set(old, name)
    named[name] = part
  }
  walk(root, (node) => {
    const name = names.get(nameOf(node.$ref) ?? '')
    if (name !== undefined) node.$ref = `#/$defs/${name}`
  })
  if (Object.keys(named).length > 0) root.$defs = named
  else delete root.$defs
}

/** The JSON Schema (2020-12) of a format. Unknown fields are refused, as `readDocument` refuses them. */
export const jsonSchemaOf = ({
  schema,
  title,
  description,
  isShared,
  isAnswer,
  mayLack = [],
}: Format): object => {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: isAnswer === true ? 'output' : 'input',
    reused: isShared === true ? 'ref' : 'inline',
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'object' && jsonSchema.properties !== undefined) {
        jsonSchema.additionalProperties = false
      }
    },
  })
  const root = JSON.parse(JSON.stringify(rest)) as Node
  walk(root, (node) => portable(node, isAnswer === true))
  withoutSmallParts(root)
  withNames(root)
  walk(root, (node) => {
    const kind = kindOf(node)
    if (kind !== undefined) node.title ??= kind
    if (Array.isArray(node.enum)) node.enum = [...new Set(node.enum)]
  })
  const objects = Array.isArray(root.oneOf) ? root.oneOf : [root]
  for (const each of objects as Node[]) {
    if (each.type !== 'object' || isAnswer === true) continue
    each.properties = { $schema: { type: 'string' }, ...(each.properties as Node) }
    if (mayLack.length > 0 && Array.isArray(each.required))
      each.required = each.required.filter((name) => !mayLack.includes(String(name)))
  }
  return { $schema, title, description, ...root }
}
