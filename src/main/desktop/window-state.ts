/** Where the window was, and whether it can be there again. */
import { isRecord } from './json-file.ts'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowState {
  /** Null lets the system centre a window of the usual size. */
  readonly bounds: Rectangle | null
  readonly maximized: boolean
}

export const usualSize = { width: 1360, height: 880 } as const
export const leastSize = { width: 900, height: 600 } as const

/** How much of the window's upper edge must lie on a display, in its pixels, so that the mouse can take hold of it. */
const grip = { width: 120, height: 32 } as const

/**
 * The state to open with, from what was saved and the displays' work areas of today. A file that makes no sense, and
 * a window on a display that is gone, give the usual window instead.
 */
export function restoreWindowState(saved: unknown, workAreas: readonly Rectangle[]): WindowState {
  if (!isRecord(saved)) return { bounds: null, maximized: false }
  const bounds = readRectangle(saved.bounds)
  return {
    bounds: bounds !== null && workAreas.some((area) => holdsGrip(area, bounds)) ? bounds : null,
    maximized: saved.maximized === true,
  }
}

function readRectangle(value: unknown): Rectangle | null {
  if (!isRecord(value)) return null
  const { x, y, width, height } = value
  if (!isPixels(x) || !isPixels(y) || !isPixels(width) || !isPixels(height)) return null
  return width >= leastSize.width && height >= leastSize.height ? { x, y, width, height } : null
}

function isPixels(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 100_000
}

function holdsGrip(area: Rectangle, window: Rectangle): boolean {
  const width = Math.min(area.x + area.width, window.x + window.width) - Math.max(area.x, window.x)
  const below = area.y + area.height - window.y
  return width >= grip.width && window.y >= area.y && below >= grip.height
}
