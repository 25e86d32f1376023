import { ofLastPath } from './last-path.ts'
import type { Structure } from './structure/structure.ts'

/**
 * Files in which programs keep what they sign in with. What stands there under a secret's name is used as it is: a word
 * that anywhere else would be an example is a weak password here.
 */
interface ClientFile {
  readonly structure: Structure
  /** Lower-case names of files. */
  readonly names: string
  /** Folders, if the name alone says too little: the end of the path, lower case. */
  readonly paths?: string
}

const CLIENT_FILES: readonly ClientFile[] = [
  {
    structure: 'json',
    names:
      '.dockercfg .dockerconfigjson sftp-config.json sftp-settings.json sftp-config-alt.json .ftpconfig .sftpconfig .remote-sync.json deployment-config.json .ftpconfig.json ftp-sync.json .sftp.json robomongo.json robo3t.json credentials.tfrc.json credentials-config.json application_default_credentials.json adc.json accesstokens.json msal_token_cache.json logins.json .deployment-config.json .ftppass dbeaver-credentials.json',
    paths: '.vscode/sftp.json .docker/config.json .composer/auth.json composer/auth.json .dbeaver/data-sources.json',
  },
  {
    structure: 'ini',
    names:
      '.s3cfg .boto .pypirc .my.cnf .mylogin.cnf rclone.conf .databrickscfg winscp.ini ventrilo_srv.ini .smbcredentials .smbcreds .wgetrc .npmrc .yarnrc .gemrc wpa_supplicant.conf .passwd-s3fs .irodsenv .hgrc .gitconfig dovecot-sql.conf',
    paths:
      '.aws/credentials .aws/config .oci/config .config/rclone/rclone.conf .cargo/credentials .bundle/config .config/pip/pip.conf',
  },
  { structure: 'toml', names: '', paths: '.cargo/credentials.toml cargo/credentials.toml' },
  {
    structure: 'yaml',
    names: 'kubeconfig .tugboat',
    paths:
      '.kube/config .gem/credentials .config/hub .config/gh/hosts.yml gh/hosts.yml doctl/config.yaml .config/doctl/config.yaml .yarnrc.yml',
  },
  {
    structure: 'xml',
    names:
      'sitemanager.xml recentservers.xml filezilla.xml filezilla-server.xml webservers.xml nuget.config settings-security.xml credentials.xml dbeaver-data-sources.xml .dbeaver-data-sources.xml datasources.local.xml',
    paths: '.m2/settings.xml .idea/deployment.xml .idea/datasources.xml',
  },
  {
    structure: 'words',
    names:
      '.esmtprc .msmtprc msmtprc .fetchmailrc .mailrc .muttrc .offlineimaprc .mbsyncrc .mpoprc .getmailrc .terraformrc terraform.rc .curlrc .ncftp',
  },
  { structure: 'netrc', names: '.netrc _netrc .authinfo' },
  { structure: 'columns', names: '.pgpass pgpass.conf chap-secrets pap-secrets .cvspass' },
  { structure: 'credential-url', names: '.git-credentials .git-credential-store' },
  {
    structure: 'single',
    names:
      '.vault_pass .vault-pass .vault_pass.txt .vault_password .vault_password.txt vault_pass.txt vault-password .vault-password .vault-token .mysql_secret',
  },
]

const BY_NAME = new Map(
  CLIENT_FILES.flatMap(({ structure, names }) =>
    names
      .split(' ')
      .filter((name) => name !== '')
      .map((name): [string, Structure] => [name, structure]),
  ),
)
/** By the name that they end with. */
const BY_PATH = new Map<string, { readonly structure: Structure; readonly path: string }[]>()
for (const { structure, paths = '' } of CLIENT_FILES) {
  for (const path of paths.split(' ')) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (path !== '') BY_PATH.set(name, [...(BY_PATH.get(name) ?? []), { structure, path }])
  }
}

/**
 * Files that hold one secret and nothing else: Rails' keys (config/master.key, config/credentials/production.key), and
 * the text files that Compose and Docker mount as secrets (secrets/db_password.txt).
 */
const SINGLE =
  /(?:^|\/)config\/(?:master|credentials\/[\w-]+)\.key$|(?:^|\/)(?:\.?secrets|run\/secrets|\.credentials)\/[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|[_-]pw)(?:[_-]\w+)?(?:\.txt|\.secret)?$|(?:^|\/)[\w-]*(?:passw(?:or)?d|passphrase|secret[_-]?key|auth[_-]?token|api[_-]?(?:key|token))(?:\.txt|\.secret)$/i

/** How a client's file is read; undefined for any other file. `name` is the lower-case name of the file. */
export function structureOfClientFile(path: string, name: string): Structure | undefined {
  const known = BY_NAME.get(name)
  if (known) return known
  const lower = path.toLowerCase()
  for (const { structure, path: end } of BY_PATH.get(name) ?? [])
    if (lower.endsWith(end) && (lower.length === end.length || lower[lower.length - end.length - 1] === '/'))
      return structure
  return SINGLE.test(lower) ? 'single' : undefined
}

/** Whether a program keeps there what it signs in with. */
export function isClientFile(path: string): boolean {
  return ownStructure(path) !== undefined
}

const ownStructure = ofLastPath((path) =>
  structureOfClientFile(path, path.slice(path.lastIndexOf('/') + 1).toLowerCase()),
)

/** Files that may hold a secret without any word that announces one. */
export function holdsBareSecret(path: string): boolean {
  const structure = ownStructure(path)
  return structure === 'single' || structure === 'columns' || structure === 'credential-url'
}
