/** A real Azurite with usage files in a container. */
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { AZURITE_ACCOUNT, AZURITE_KEY, startAzurite } from '../support.ts'
import { eventText, eventTotals, keptUsage, type SoakPeer } from './peer.ts'

export const azurePeer = async (startMs: number): Promise<SoakPeer> => {
  const server = await startAzurite()
  const accountUrl = `${server.url}/${AZURITE_ACCOUNT}`
  const credential = new StorageSharedKeyCredential(AZURITE_ACCOUNT, AZURITE_KEY)
  const container = new BlobServiceClient(accountUrl, credential).getContainerClient('soak')
  await container.create()
  const put = (name: string, text: string) => container.getBlockBlobClient(name).uploadData(Buffer.from(text))
  return {
    source: {
      name: 'Blobs',
      kind: 'azure_blob',
      config: { accountUrl, container: 'soak', prefix: 'in/', contents: 'cloudevents' },
      everyMinutes: 10,
      secrets: { accountKey: AZURITE_KEY },
    },
    work: async (step, fromMs) => {
      const lines = Array.from({ length: 20 }, (_, index) =>
        eventText('azure.calls', index % 2 === 0 ? 'acme' : 'bolt', `${step}-${index}`, fromMs, '0.125'),
      )
      await put(`in/${step}.jsonl`, lines.join('\n'))
      if (step === 4) await put('in/again.jsonl', lines.join('\n'))
    },
    own: async () => {
      const texts: string[] = []
      for await (const { name } of container.listBlobsFlat({ prefix: 'in/' }))
        texts.push((await container.getBlobClient(name).downloadToBuffer()).toString())
      return eventTotals(texts)
    },
    kept: keptUsage(startMs, 'azure.calls'),
    close: server.stop,
  }
}
