import { describe, expect, it } from 'vitest'
import { isForeign, isTranslation, kindOf, structureOf } from '../../src/detect/file-kind.ts'

describe('structureOf', () => {
  it.each([
    ['.env', 'dotenv'],
    ['app/.env.production', 'dotenv'],
    ['prod.env', 'dotenv'],
    ['src/env.ts', undefined],
    ['.env.js', undefined],
    ['Dockerfile', 'dockerfile'],
    ['build/Dockerfile.prod', 'dockerfile'],
    ['app.dockerfile', 'dockerfile'],
    ['a.yml', 'yaml'],
    ['home/.kube/config', 'yaml'],
    ['a.json', 'json'],
    ['terraform.tfstate.backup', 'json'],
    ['a.py', undefined],
    ['Cargo.toml', 'toml'],
    ['my.cnf', 'ini'],
    ['app.properties', 'properties'],
    ['web.config', 'xml'],
    ['main.tf', 'hcl'],
    ['dump.sql', 'sql'],
    ['README.md', 'markdown'],
    ['.netrc', 'netrc'],
    ['home/.pgpass', 'columns'],
    ['.docker/config.json', 'json'],
    ['config/master.key', 'single'],
    ['secrets/db_password.txt', 'single'],
    ['src/password.ts', undefined],
  ])('%s: %s', (path, structure) => {
    expect(structureOf(path)).toBe(structure)
  })
})

describe('kindOf', () => {
  it.each([
    ['a.py', 'code'],
    ['settings.py.example', 'code'],
    ['run.sh', 'shell'],
    ['.bash_history', 'shell'],
    ['main.tf', 'code'],
    ['Makefile', 'shell'],
    ['app.properties', 'config'],
    ['.env', 'config'],
    ['README.md', 'prose'],
    ['a.csv', 'data'],
    ['LICENSE', 'unknown'],
  ])('%s: %s', (path, kind) => {
    expect(kindOf(path)).toBe(kind)
  })
})

describe('isForeign', () => {
  it.each([
    'node_modules/a/b.js',
    'x/vendor/y.go',
    'package-lock.json',
    'sub/go.sum',
    'lib/a.min.js',
    'a.js.map',
    'third_party/x.c',
  ])('%s', (path) => {
    expect(isForeign(path)).toBe(true)
  })

  it.each(['src/vendor.ts', 'package.json', 'lib/admin.js', 'src/venv.py'])('%s is not', (path) => {
    expect(isForeign(path)).toBe(false)
  })
})

describe('isTranslation', () => {
  it('knows folders and formats of translations', () => {
    for (const path of ['locales/de.json', 'src/i18n/en.ts', 'app/lang/fr.php', 'po/de.po', 'res/strings.xml'])
      expect(isTranslation(path), path).toBe(true)
    for (const path of ['src/app.ts', 'language.ts', 'config/app.yml']) expect(isTranslation(path), path).toBe(false)
  })
})
