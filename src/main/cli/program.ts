/** The `countinghouse` command with all its commands. */
import type { Command } from 'commander'
import type { CommandLine } from './command-line.ts'
import { addAgentCommand } from './commands/agent.ts'
import { addAllocationCommands } from './commands/allocation.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addBookCommands } from './commands/book.ts'
import { addCustomerCommands } from './commands/customers.ts'
import { addDealCommands } from './commands/deals.ts'
import { addImportCommands } from './commands/import.ts'
import { addInvoiceCommands } from './commands/invoices.ts'
import { addLedgerCommands } from './commands/ledger.ts'
import { addMonthCommands } from './commands/month.ts'
import { addPriceCommands } from './commands/prices.ts'
import { addRateCommand } from './commands/rate.ts'
import { addRateCommands } from './commands/rates.ts'
import { addReportCommands } from './commands/reports.ts'
import { addRuleCommands } from './commands/rules.ts'
import { addSchemaCommand } from './commands/schema.ts'
import { addServeCommands } from './commands/serve.ts'
import { addTokenCommands } from './commands/tokens.ts'
import type { Io } from './io.ts'
import { emptyProgram, runProgram } from './run.ts'

/** The program with all its commands. */
export const buildProgram = (line: CommandLine): Command => {
  const program = emptyProgram(line)
  for (const add of [
    addBookCommands,
    addBackupCommands,
    addImportCommands,
    addReportCommands,
    addCustomerCommands,
    addRuleCommands,
    addAllocationCommands,
    addPriceCommands,
    addRateCommand,
    addRateCommands,
    addSchemaCommand,
    addInvoiceCommands,
    addDealCommands,
    addMonthCommands,
    addLedgerCommands,
    addServeCommands,
    addTokenCommands,
    addAgentCommand,
  ])
    add(program, line)
  return program
}

/**
 * Runs one command and returns its exit code: 0 done, 1 refused or found wrong, 2 wrong use.
 *
 * @param args what follows the program's name
 */
export const runCli = (args: readonly string[], io: Io): Promise<number> => runProgram(args, io, buildProgram)
