/**
 * The rules that gitleaks has of its own (8.30), by the rule of ours for the same secrets: markers and settings speak of them, and a
 * copy of one needs no second rule.
 */
const OF_GITLEAKS: Readonly<Record<string, string>> = {
  'adobe-client-secret': 'adobe-client-secret',
  'age-secret-key': 'age-secret-key',
  'airtable-legacy-key': 'airtable-api-key',
  'airtable-token': 'airtable-personnal-access-token',
  'algolia-admin-key': 'algolia-api-key',
  'alibaba-access-key': 'alibaba-access-key-id',
  'alibaba-secret-key': 'alibaba-secret-key',
  'anthropic-key': 'anthropic-admin-api-key anthropic-api-key',
  'artifactory-token': 'artifactory-api-key artifactory-reference-token jfrog-api-key jfrog-identity-token',
  'asana-token': 'asana-client-secret',
  'atlassian-token': 'atlassian-api-token',
  'authorization-header': 'curl-auth-header',
  'aws-access-key': 'aws-access-token',
  'aws-bedrock-key': 'aws-amazon-bedrock-api-key-long-lived aws-amazon-bedrock-api-key-short-lived',
  'azure-client-secret': 'azure-ad-client-secret',
  'brevo-key': 'sendinblue-api-token',
  'clickhouse-key': 'clickhouse-cloud-api-secret-key',
  'clojars-token': 'clojars-api-token',
  'cloudflare-prefixed-token': 'cloudflare-origin-ca-key',
  'cloudflare-token': 'cloudflare-api-key cloudflare-global-api-key',
  'codecov-token': 'codecov-access-token',
  'cohere-key': 'cohere-api-token',
  'coinbase-key': 'coinbase-access-token',
  'confluent-secret': 'confluent-access-token confluent-secret-key',
  'contentful-token': 'contentful-delivery-api-token',
  'curl-user-password': 'curl-auth-user',
  'databricks-token': 'databricks-api-token',
  'datadog-key': 'datadog-access-token',
  'digitalocean-token': 'digitalocean-access-token digitalocean-pat digitalocean-refresh-token',
  'discord-token': 'discord-api-token discord-client-secret',
  'doppler-token': 'doppler-api-token',
  'drone-token': 'droneci-access-token',
  'dropbox-secret': 'dropbox-api-token',
  'dropbox-token': 'dropbox-long-lived-api-token dropbox-short-lived-api-token',
  'duffel-token': 'duffel-api-token',
  'dynatrace-token': 'dynatrace-api-token',
  'easypost-key': 'easypost-api-token easypost-test-api-token',
  'facebook-secret': 'facebook-secret',
  'facebook-token': 'facebook-access-token facebook-page-access-token',
  'fastly-token': 'fastly-api-token',
  'flutterwave-key': 'flutterwave-encryption-key flutterwave-public-key flutterwave-secret-key',
  'fly-token': 'flyio-access-token',
  'frameio-token': 'frameio-api-token',
  'github-fine-grained-token': 'github-fine-grained-pat',
  'github-token': 'github-app-token github-oauth github-pat github-refresh-token',
  'gitlab-token':
    'gitlab-cicd-job-token gitlab-deploy-token gitlab-feature-flag-client-token gitlab-feed-token gitlab-incoming-mail-token gitlab-kubernetes-agent-token gitlab-oauth-app-secret gitlab-pat gitlab-pat-routable gitlab-ptt gitlab-rrt gitlab-runner-authentication-token gitlab-runner-authentication-token-routable gitlab-scim-token gitlab-session-cookie',
  'gocardless-token': 'gocardless-api-token',
  'google-api-key': 'gcp-api-key',
  'grafana-token': 'grafana-api-key grafana-cloud-api-token grafana-service-account-token',
  'heroku-key': 'heroku-api-key heroku-api-key-v2',
  'hubspot-token': 'hubspot-api-key',
  'huggingface-token': 'huggingface-access-token huggingface-organization-api-token',
  'intercom-token': 'intercom-api-key',
  jwt: 'jwt jwt-base64',
  'kubernetes-secret-manifest': 'kubernetes-secret-yaml',
  'launchdarkly-key': 'launchdarkly-access-token',
  'linear-key': 'linear-api-key linear-client-secret',
  'linkedin-secret': 'linkedin-client-secret',
  'mailchimp-key': 'mailchimp-api-key',
  'mailgun-key': 'mailgun-private-api-token mailgun-pub-key mailgun-signing-key',
  'mapbox-token': 'mapbox-api-token',
  'maxmind-key': 'maxmind-license-key',
  'messagebird-key': 'messagebird-api-token',
  'netlify-legacy-token': 'netlify-access-token',
  'new-relic-key': 'new-relic-browser-api-token new-relic-insert-key new-relic-user-api-id new-relic-user-api-key',
  'notion-token': 'notion-api-token',
  'npm-token': 'npm-access-token',
  'nuget-key': 'nuget-config-password',
  'octopus-key': 'octopus-deploy-api-key',
  'okta-token': 'okta-access-token',
  'onepassword-secret-key': '1password-secret-key',
  'onepassword-token': '1password-service-account-token',
  'openai-key': 'openai-api-key',
  'openshift-token': 'openshift-user-token',
  'perplexity-key': 'perplexity-api-key',
  'plaid-access-token': 'plaid-api-token',
  'plaid-secret': 'plaid-secret-key',
  'planetscale-token': 'planetscale-api-token planetscale-oauth-token planetscale-password',
  'postman-key': 'postman-api-token',
  'prefect-key': 'prefect-api-token',
  'private-key': 'private-key',
  'pulumi-token': 'pulumi-api-token',
  'pypi-token': 'pypi-upload-token',
  'rapidapi-key': 'rapidapi-access-token',
  'readme-key': 'readme-api-token',
  'rubygems-key': 'rubygems-api-token',
  'scalingo-token': 'scalingo-api-token',
  'sendgrid-key': 'sendgrid-api-token',
  'sentry-legacy-token': 'sentry-access-token',
  'sentry-token': 'sentry-org-token sentry-user-token',
  'shippo-token': 'shippo-api-token',
  'shopify-token':
    'shopify-access-token shopify-custom-access-token shopify-private-app-access-token shopify-shared-secret',
  'sidekiq-secret': 'sidekiq-secret sidekiq-sensitive-url',
  'slack-token':
    'slack-app-token slack-bot-token slack-config-access-token slack-config-refresh-token slack-legacy-bot-token slack-legacy-token slack-legacy-workspace-token slack-user-token',
  'slack-webhook': 'slack-webhook-url',
  'snyk-token': 'snyk-api-token',
  'sonarqube-token': 'sonar-api-token',
  'sourcegraph-token': 'sourcegraph-access-token',
  'square-token': 'square-access-token',
  'stripe-key': 'stripe-access-token',
  'sumologic-key': 'sumologic-access-token',
  'teams-webhook': 'microsoft-teams-webhook',
  'telegram-bot-token': 'telegram-bot-api-token',
  'terraform-cloud-token': 'hashicorp-tf-api-token',
  'terraform-variable-secret': 'hashicorp-tf-password',
  'travis-token': 'travisci-access-token',
  'twilio-key': 'twilio-api-key',
  'twitch-secret': 'twitch-api-token',
  'twitter-secret':
    'twitter-access-secret twitter-access-token twitter-api-key twitter-api-secret twitter-bearer-token',
  'typeform-token': 'typeform-api-token',
  'vault-token': 'vault-batch-token vault-service-token',
  'yandex-api-key': 'yandex-access-token yandex-api-key',
  'yandex-static-key': 'yandex-aws-access-token',
  'zendesk-token': 'zendesk-secret-key',
}
/** Those for which there is no rule of one provider: what they find is found by several, or by none. */
const WITHOUT_COUNTERPART =
  'adafruit-api-key adobe-client-id asana-client-id authress-service-client-access-key beamer-api-token bitbucket-client-id bitbucket-client-secret bittrex-access-key bittrex-secret-key cisco-meraki-api-key defined-networking-api-token discord-client-id etsy-access-token finicity-api-token finicity-client-secret finnhub-access-token flickr-access-token freemius-secret-key freshbooks-access-token gitter-access-token harness-api-key infracost-api-token intra42-client-secret kraken-access-token kucoin-access-token kucoin-secret-key linkedin-client-id lob-api-key lob-pub-api-key looker-client-id looker-client-secret mattermost-access-token messagebird-client-id nytimes-access-token pkcs12-file plaid-client-id privateai-api-token sendbird-access-id sendbird-access-token settlemint-application-access-token settlemint-personal-access-token settlemint-service-access-token squarespace-access-token sumologic-access-id generic-api-key'

const counterparts: ReadonlyMap<string, string> = new Map(
  Object.entries(OF_GITLEAKS).flatMap(([own, theirs]) =>
    theirs.split(' ').map((id): [string, string] => [id, `secrets/${own}`]),
  ),
)
const others: ReadonlySet<string> = new Set(WITHOUT_COUNTERPART.split(' '))

/** Whether gitleaks brings a rule of this id itself. */
export function isOwnOfGitleaks(id: string): boolean {
  return counterparts.has(id) || others.has(id)
}

/** Our rule for what one of gitleaks' finds; undefined if there is none. */
export function counterpartOf(id: string): string | undefined {
  return counterparts.get(id)
}
