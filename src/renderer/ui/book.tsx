import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { createContext, type ReactNode, useContext } from 'react'
import type { BookSettings, BookStatus } from '../../contract/book.ts'
import type { Month } from '../../domain/period.ts'
import { isMonth } from '../../domain/period.ts'
import { api } from '../api.ts'

export type OpenBook = BookStatus & { readonly settings: BookSettings }

const BookContext = createContext<OpenBook | null>(null)

export const BookProvider = (props: { book: OpenBook; children: ReactNode }) => (
  <BookContext value={props.book}>{props.children}</BookContext>
)

/** The open book. Only under the shell, which shows the welcome screen while there is none. */
export const useBook = (): OpenBook => {
  const book = useContext(BookContext)
  if (book === null) throw new Error('useBook outside an open book')
  return book
}

export const useBookStatus = () => useQuery({ ...api.book.status.queryOptions(), refetchInterval: 15_000 })

/** The month picked in the top bar (`month` in the URL); the latest with data where none was; null in an empty book. */
export const useMonth = (): Month | null => {
  const book = useBook()
  const { month } = useSearch({ strict: false }) as { month?: string }
  return month !== undefined && isMonth(month) ? month : book.currentMonth
}
