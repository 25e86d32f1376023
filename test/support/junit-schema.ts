import { readFileSync } from 'node:fs'
import { validateXML } from 'xmllint-wasm'

const schema = readFileSync('test/fixtures/junit/junit-10.xsd', 'utf8')

/** What libxml2 has against a document, as XML and by Jenkins' schema; empty if nothing. */
export async function junitDefects(xml: string): Promise<string[]> {
  const { errors } = await validateXML({
    xml: { fileName: 'report.xml', contents: xml },
    schema: { fileName: 'junit-10.xsd', contents: schema },
    maxMemoryPages: 16_384,
  })
  return errors.map(({ message }) => message)
}
