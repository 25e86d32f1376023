// Labels of two small repositories that were made to be scanned.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PEM = [/^-----BEGIN .*PRIVATE KEY/, /^-----END /]

/**
 * Where the lines stand that Plazmaz/leaky-repo counts as a risk; its own ground truth (.leaky-meta/secrets.csv) tells only how
 * many each file has. A second pattern ends a range.
 */
const RISKS = {
  '.bash_profile': [/^export (AWS_SECRET\w+|RDS_PASSWORD|HEROKU_API_KEY|HOMEBREW\w+|SLACK\w+|MLAB_PASS)=/],
  '.bashrc': [/^export (GMAIL_PASSWORD|MAILCHIMP_API_KEY|JEKYLL_GITHUB_TOKEN)=/],
  '.docker/.dockercfg': [/"auth":/],
  '.docker/config.json': [/"auth":/],
  '.mozilla/firefox/logins.json': [/"encrypted(Username|Password)"/],
  '.ssh/id_rsa': PEM,
  'cloud/.credentials': [/^aws_secret/],
  'cloud/.s3cfg': [/^secret_key/],
  'cloud/.tugboat': [/api_key:/],
  'cloud/heroku.json': [/HEROKU_API_KEY/],
  'db/dump.sql': [/^\(\d+, /],
  'db/mongoid.yml': [/uri:/],
  'etc/shadow': [/^ubuntu:/],
  'filezilla/recentservers.xml': [/<Pass\b/],
  'filezilla/filezilla.xml': [/<Pass\b/],
  'misc-keys/cert-key.pem': PEM,
  'misc-keys/putty-example.ppk': [/^PuTTY-User-Key-File/, /^Private-MAC/],
  proftpdpasswd: [/^root:/],
  'web/ruby/config/master.key': [/./],
  'web/ruby/secrets.yml': [/secret_key_base:/],
  'web/var/www/.env': [/^(APP_KEY|\w+_PASSWORD)=/],
  '.npmrc': [/_auth/],
  'web/var/www/public_html/wp-config.php': [/DB_PASSWORD|_(KEY|SALT)'/],
  'web/var/www/public_html/.htpasswd': [/^admin:/],
  '.git-credentials': [/^https:/],
  'db/robomongo.json': [/"(userPassword|sshPassphrase|sshUserPassword)"/],
  'web/js/salesforce.js': [/conn\.login/],
  '.netrc': [/password/],
  hub: [/oauth_token/],
  config: [/^IRC_PASS/],
  'db/.pgpass': [/^localhost/],
  'ventrilo_srv.ini': [/Password=/],
  'web/var/www/public_html/config.php': [/\$dbpasswd =/],
  'db/dbeaver-data-sources.xml': [/<connection /],
  '.esmtprc': [/^password/],
  'web/django/settings.py': [/^SECRET_KEY/],
  'deployment-config.json': [/"password"/],
  '.ftpconfig': [/"(pass|passphrase)"/],
  '.remote-sync.json': [/"password"/],
  '.vscode/sftp.json': [/"password"/],
  'sftp-config.json': [/"password"/],
  '.idea/WebServers.xml': [/password=/],
}

/**
 * Lines that are a risk are true; as many others of a file as its ground truth calls informative may be named without being
 * false; every other line is no secret. Says where the ground truth counts more lines than are there.
 */
export function labelLeakyRepo(clone) {
  const repo = 'leaky-repo'
  const labels = labelsOf(clone, repo, RISKS)
  const counts = readFileSync(join(clone, '.leaky-meta/secrets.csv'), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(','))
  const allowed = { [repo]: Object.fromEntries(counts.map(([path, , informative]) => [path, Number(informative)])) }
  let claimed = 0
  for (const [path, risks] of counts) {
    const there = labels.filter((label) => label.path === path).length
    claimed += Number(risks)
    if (there !== Number(risks))
      console.log(`${path}: its ground truth counts ${risks} risks, ${there} lines are there`)
  }
  const note = `Its own ground truth counts ${claimed} lines that are a risk; ${labels.length} such lines are there.`
  return { labels, about: { complete: true, allowed, note } }
}

/** The address with a password, the private key, and an AWS key with its secret. */
export function labelTestKeys(clone) {
  const files = {
    keys: [/^https?:\/\/\w+:\w+@|^-----BEGIN .*PRIVATE KEY/, /@|^-----END /],
    new_key: [/^aws_\w*key\w* =/],
  }
  return { labels: labelsOf(clone, 'test_keys', files), about: { complete: true } }
}

function labelsOf(clone, repo, patterns) {
  return Object.entries(patterns).flatMap(([path, [start, end]]) => {
    if (!existsSync(join(clone, path))) {
      console.log(`${path} is not in the clone`)
      return []
    }
    const lines = readFileSync(join(clone, path), 'latin1').split(/\r?\n/)
    return lines.flatMap((text, i) => {
      if (!start.test(text)) return []
      const length = end ? lines.slice(i).findIndex((line) => end.test(line)) : 0
      return [{ repo, path, line: i + 1, endLine: i + 1 + Math.max(length, 0), truth: 'T', category: path }]
    })
  })
}
