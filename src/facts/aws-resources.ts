import { factKind } from '../model.ts'

/** A URL at which a Lambda function answers. Source: Lambda ListFunctionUrlConfigs; Terraform, CloudFormation and SAM. */
export const awsFunctionUrl = factKind({
  kind: 'aws.function-url',
  meaning: 'A URL of an AWS Lambda function, live or declared in a file.',
  identity: ['arn'],
  fields: {
    arn: [
      'string',
      'ARN of the function (with its alias), or `file:PATH#ADDRESS`',
      'arn:aws:lambda:eu-west-1:123456789012:function:api',
    ],
    functionName: ['string', 'Name of the function', 'api'],
    authType: ['string', 'NONE: anybody may call; AWS_IAM: signed requests only', 'AWS_IAM'],
    accountId: ['string', 'Account number; empty in files where it is not written', '123456789012'],
  },
})
