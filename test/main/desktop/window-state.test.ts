import { describe, expect, test } from 'vitest'
import { restoreWindowState } from '../../../src/main/desktop/window-state.ts'

const main = { x: 0, y: 25, width: 1920, height: 1015 }
const left = { x: -1280, y: 0, width: 1280, height: 1024 }
const bounds = { x: 100, y: 100, width: 1200, height: 800 }

describe('the place of the window', () => {
  const rows: [what: string, saved: unknown, kept: boolean][] = [
    ['on the main display', bounds, true],
    ['on the second display', { ...bounds, x: -1200 }, true],
    ['half off to the right', { ...bounds, x: 1700 }, true],
    ['off to the right', { ...bounds, x: 1850 }, false],
    ['far off', { ...bounds, x: 5000, y: 5000 }, false],
    ['its title above the screen', { ...bounds, y: -200 }, false],
    ['its title under the menu bar', { ...bounds, x: 100, y: 10 }, false],
    ['its title below the screen', { ...bounds, y: 1030 }, false],
    ['too small', { ...bounds, width: 300 }, false],
    ['fractions', { ...bounds, x: 0.5 }, false],
    ['text', { ...bounds, x: '100' }, false],
    ['endless', { ...bounds, width: 1e300 }, false],
    ['without a height', { x: 1, y: 100, width: 1200 }, false],
    ['nothing', null, false],
  ]
  test.each(rows)('%s', (_, saved, kept) => {
    const state = restoreWindowState({ bounds: saved, maximized: true }, [main, left])
    expect(state).toEqual({ bounds: kept ? saved : null, maximized: true })
  })

  test('the second display was unplugged', () => {
    expect(restoreWindowState({ bounds: { ...bounds, x: -1200 } }, [main])).toEqual({
      bounds: null,
      maximized: false,
    })
  })

  test.each([[undefined], [null], [[]], ['text'], [7], [{}], [{ maximized: 'yes' }]])(
    'a file that holds %j',
    (saved) => {
      expect(restoreWindowState(saved, [main])).toEqual({ bounds: null, maximized: false })
    },
  )
})
