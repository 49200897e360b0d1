/** What the server refuses: who asks, where, how, and with what. */
import { describe, expect, test } from 'vitest'
import { ask, bearer, cookie, localToken, raw, server, token } from './serving.ts'

describe('who is refused', () => {
  const port = () => server.port
  type Row = [
    what: string,
    target: string,
    headers: () => Record<string, string>,
    status: number,
    code: string,
  ]
  const rows: Row[] = [
    ['the page without a token', '/', () => ({}), 401, 'UNAUTHORIZED'],
    ['a script without a token', '/api/customers/a', () => ({}), 401, 'UNAUTHORIZED'],
    ['a call without a token', '/rpc/customer', () => ({}), 401, 'UNAUTHORIZED'],
    ['the API document without a token', '/api/openapi.json', () => ({}), 401, 'UNAUTHORIZED'],
    ['the API page without a token', '/api/docs', () => ({}), 401, 'UNAUTHORIZED'],
    ['an asset without a token', '/assets/index-1a2b3c.js', () => ({}), 401, 'UNAUTHORIZED'],
    ['a wrong token', '/api/customers/a', () => ({ authorization: 'Bearer nonsense' }), 401, 'UNAUTHORIZED'],
    ['an empty token', '/api/customers/a', () => ({ authorization: 'Bearer ' }), 401, 'UNAUTHORIZED'],
    [
      'a token cut short',
      '/api/customers/a',
      () => ({ authorization: bearer.authorization.slice(0, -1) }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'a token in lower case',
      '/api/customers/a',
      () => ({ authorization: bearer.authorization.toLowerCase() }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'a token in upper case',
      '/api/customers/a',
      () => ({ authorization: bearer.authorization.toUpperCase() }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'two tokens in one header',
      '/api/customers/a',
      () => ({ authorization: `Bearer ${token} ${token}` }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'the token as a password',
      '/api/customers/a',
      () => ({ authorization: `Basic ${btoa(`:${token}`)}` }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'the token in the address of a call',
      `/api/customers/a?token=${token}`,
      () => ({}),
      401,
      'UNAUTHORIZED',
    ],
    ['the token in the address of an asset', `/index.html?token=${token}`, () => ({}), 401, 'UNAUTHORIZED'],
    [
      'the token as a cookie',
      '/api/customers/a',
      () => ({ cookie: `${cookie.split('=')[0]}=${token}`, 'sec-fetch-site': 'same-origin' }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'the token in a header of another name',
      '/api/customers/a',
      () => ({ 'x-token': token }),
      401,
      'UNAUTHORIZED',
    ],
    ['a wrong token in the printed address', '/?token=nonsense', () => ({}), 401, 'UNAUTHORIZED'],
    ['two tokens in the printed address', `/?token=${token}&token=x`, () => ({}), 401, 'UNAUTHORIZED'],
    ['the local token in the printed address', `/?token=${localToken}`, () => ({}), 401, 'UNAUTHORIZED'],
    [
      'the cookie of another port',
      '/api/customers/a',
      () => ({ cookie: cookie.replace('_', '_1'), 'sec-fetch-site': 'same-origin' }),
      401,
      'UNAUTHORIZED',
    ],
    ['the cookie without the browser’s word', '/api/customers/a', () => ({ cookie }), 401, 'UNAUTHORIZED'],
    [
      'a wrong token beside a right cookie',
      '/api/customers/a',
      () => ({ cookie, 'sec-fetch-site': 'same-origin', authorization: 'Bearer nonsense' }),
      401,
      'UNAUTHORIZED',
    ],
    [
      'a foreign name for this machine (DNS rebinding)',
      '/api/customers/a',
      () => ({ ...bearer, host: `evil.example:${port()}` }),
      421,
      'foreign_host',
    ],
    ['a foreign name, on the page', '/', () => ({ host: `evil.example:${port()}` }), 421, 'foreign_host'],
    [
      'a foreign name with the printed address',
      `/?token=${token}`,
      () => ({ host: 'evil.example' }),
      421,
      'foreign_host',
    ],
    [
      'a host without the port',
      '/api/customers/a',
      () => ({ ...bearer, host: '127.0.0.1' }),
      421,
      'foreign_host',
    ],
    [
      'a host with another port',
      '/api/customers/a',
      () => ({ ...bearer, host: '127.0.0.1:1' }),
      421,
      'foreign_host',
    ],
    [
      'a host in upper case',
      '/api/customers/a',
      () => ({ ...bearer, host: `LOCALHOST:${port()}` }),
      421,
      'foreign_host',
    ],
    [
      'a host with a dot at the end',
      '/api/customers/a',
      () => ({ ...bearer, host: `localhost.:${port()}` }),
      421,
      'foreign_host',
    ],
    [
      'a host that only begins like ours',
      '/api/customers/a',
      () => ({ ...bearer, host: `127.0.0.1:${port()}.evil.example` }),
      421,
      'foreign_host',
    ],
    [
      'a host with a user',
      '/api/customers/a',
      () => ({ ...bearer, host: `x@127.0.0.1:${port()}` }),
      421,
      'foreign_host',
    ],
    ['an empty host', '/api/customers/a', () => ({ ...bearer, host: '' }), 421, 'foreign_host'],
    [
      'another way to write the address',
      '/api/customers/a',
      () => ({ ...bearer, host: `127.1:${port()}` }),
      421,
      'foreign_host',
    ],
    [
      'a foreign page',
      '/api/customers/a',
      () => ({ ...bearer, origin: 'https://evil.example' }),
      403,
      'foreign_origin',
    ],
    [
      'a page without an origin',
      '/api/customers/a',
      () => ({ ...bearer, origin: 'null' }),
      403,
      'foreign_origin',
    ],
    ['an empty origin', '/api/customers/a', () => ({ ...bearer, origin: '' }), 403, 'foreign_origin'],
    [
      'a page of another port',
      '/api/customers/a',
      () => ({ ...bearer, origin: 'http://127.0.0.1:1' }),
      403,
      'foreign_origin',
    ],
    [
      'our page under its other name',
      '/api/customers/a',
      () => ({ ...bearer, origin: `http://localhost:${port()}` }),
      403,
      'foreign_origin',
    ],
    [
      'our address over https',
      '/api/customers/a',
      () => ({ ...bearer, origin: `https://127.0.0.1:${port()}` }),
      403,
      'foreign_origin',
    ],
    [
      'a foreign page with our cookie',
      '/',
      () => ({ cookie, origin: 'https://evil.example' }),
      403,
      'foreign_origin',
    ],
    ['a link on another site', '/', () => ({ cookie, 'sec-fetch-site': 'cross-site' }), 403, 'foreign_site'],
    [
      'a link on another site to the printed address',
      `/?token=${token}`,
      () => ({ 'sec-fetch-site': 'cross-site' }),
      403,
      'foreign_site',
    ],
    [
      'a page of another port of this machine',
      '/api/customers/a',
      () => ({ cookie, 'sec-fetch-site': 'same-site' }),
      403,
      'foreign_site',
    ],
    [
      'a word for the site that nobody knows',
      '/',
      () => ({ cookie, 'sec-fetch-site': 'SAME-ORIGIN' }),
      403,
      'foreign_site',
    ],
  ]
  test.each(rows)('%s', async (_, target, headers, status, code) => {
    const answer = await ask({ target, headers: headers() })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      status,
      { code, message: expect.stringMatching(/^[A-Z].*\.$/), data: null },
    ])
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('a person gets a page that says what to do, without a script', async () => {
    const answer = await ask({ target: '/', headers: { accept: 'text/html', 'sec-fetch-site': 'none' } })
    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.text).toContain('open the whole address that Countinghouse printed')
    expect(answer.text).not.toContain('<script')
  })

  test('a preflight of a foreign page is refused without a permission', async () => {
    const answer = await ask({
      method: 'OPTIONS',
      target: '/rpc/add',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(answer.status).toBe(403)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('addresses that lead outside', () => {
  const rows: [target: string, status: number][] = [
    ['/../secret.txt', 400],
    ['/..%2fsecret.txt', 400],
    ['/..%2Fsecret.txt', 400],
    ['/%2e%2e/secret.txt', 400],
    ['/%2e%2e%2fsecret.txt', 400],
    ['/assets/../../secret.txt', 400],
    ['/assets/..%5c..%5csecret.txt', 400],
    ['/..\\secret.txt', 400],
    ['/./index.html', 400],
    ['//secret.txt', 400],
    ['//evil.example/', 400],
    ['/index.html%00', 400],
    ['/%0d%0aset-cookie:x=1', 400],
    ['/%', 400],
    ['/%c0%ae%c0%ae/secret.txt', 400],
    ['/api/../rpc/customer', 400],
    ['/api/customers/..%2f..%2fcount', 400],
    ['http://evil.example/', 400],
    ['*', 400],
    ['/%252e%252e/secret.txt', 404],
    ['/...//secret.txt', 404],
    ['/secret.txt', 404],
    ['/assets/', 404],
    ['/assets/missing.js', 404],
    ['/INDEX.HTML', 404],
    ['/API/customers/a', 404],
    ['/apis', 404],
  ]
  test.each(rows)('%s', async (target, status) => {
    const answer = await ask({ target, headers: bearer })
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('outside')
    expect(Object.keys(JSON.parse(answer.text))).toEqual(['code', 'message', 'data'])
  })
})

describe('requests that are no requests', () => {
  test('a header of 20 kB', async () => {
    expect(
      await raw(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`),
    ).toBe('HTTP/1.1 431 Request Header Fields Too Large')
  })
  test('two hosts', async () => {
    const hosts = `host: 127.0.0.1:${server.port}\r\nhost: evil.example\r\n`
    expect(await raw(`GET / HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 4(00|21) /)
  })
  test('no host', async () => {
    expect(await raw('GET / HTTP/1.1\r\nconnection: close\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request')
    expect(await raw('GET / HTTP/1.0\r\n\r\n')).toBe('HTTP/1.1 421 Misdirected Request')
  })
  test('two lengths', async () => {
    const lengths = 'content-length: 2\r\ntransfer-encoding: chunked\r\n'
    expect(
      await raw(`POST /rpc/add HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n${lengths}\r\n0\r\n\r\n`),
    ).toBe('HTTP/1.1 400 Bad Request')
  })
  test('noise', async () => {
    expect(await raw('\x16\x03\x01\x02\x00\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request')
  })
})

describe('wrong methods and bodies', () => {
  const json = { ...bearer, 'content-type': 'application/json' }
  const big = JSON.stringify({ name: 'x'.repeat(16 * 1024 * 1024), tags: [] })
  const rows: [string, Parameters<typeof ask>[0], number, string][] = [
    ['writing to a page', { method: 'POST', target: '/', headers: bearer }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'deleting the document',
      { method: 'DELETE', target: '/api/openapi.json', headers: bearer },
      405,
      'METHOD_NOT_ALLOWED',
    ],
    [
      'writing to what is read',
      { method: 'PUT', target: '/api/customers/a', headers: bearer },
      404,
      'NOT_FOUND',
    ],
    [
      'reading what is written',
      { target: '/rpc/add?data=%7B%7D', headers: bearer },
      405,
      'METHOD_NOT_SUPPORTED',
    ],
    ['no such call', { target: '/api/nothing', headers: bearer }, 404, 'NOT_FOUND'],
    [
      'no such rpc',
      { method: 'POST', target: '/rpc/__proto__', headers: json, body: '{}' },
      404,
      'NOT_FOUND',
    ],
    ['the session by POST', { method: 'POST', target: `/?token=${token}` }, 401, 'UNAUTHORIZED'],
    [
      'a body that is no JSON',
      { method: 'POST', target: '/api/customers', headers: json, body: '{"name":' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a body of the wrong shape',
      { method: 'POST', target: '/api/customers', headers: json, body: '{"name":1}' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a body without its list',
      { method: 'POST', target: '/api/customers', headers: json, body: '{"name":"a"}' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a query of the wrong shape',
      { target: '/api/customers/a?limit=many', headers: bearer },
      400,
      'BAD_REQUEST',
    ],
    [
      'a body over 16 MB',
      { method: 'POST', target: '/api/customers', headers: json, body: big },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'a body over 16 MB in pieces',
      {
        method: 'POST',
        target: '/api/customers',
        headers: { ...json, 'transfer-encoding': 'chunked' },
        body: big,
      },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ]
  test.each(rows)('%s', async (_, question, status, code) => {
    const answer = await ask(question)
    const body = JSON.parse(answer.text)
    // Over /rpc the error lies in oRPC's own envelope.
    expect([answer.status, (body.json ?? body).code]).toEqual([status, code])
    expect(answer.text).not.toMatch(/\n? +at .*:\d+/)
  })
})
