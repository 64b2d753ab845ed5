import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDistinguishedName, subjectOf } from '../../src/state/distinguished-name.ts'

/** Made with openssl for `C=DE, ST="Some, State", L=Köln, O=Acme "Inc", OU=a+b, CN=ann` and some that have no keyword. */
const certificate = Uint8Array.from(
  Buffer.from(
    `
    MIIB2jCCAYACFEPImOs9VVWAPXfFL8n8YsUKskCiMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB1Rlc3QgQ0EwHhcNMjYxMTIxMDUx
    MjA2WhcNMjYxMTI0MDUxMjA2WjCBzDELMAkGA1UEBhMCREUxFDASBgNVBAgMC1NvbWUsIFN0YXRlMQ4wDAYDVQQHDAVLw7ZsbjET
    MBEGA1UECgwKQWNtZSAiSW5jIjEMMAoGA1UECwwDYStiMQwwCgYDVQQDDANhbm4xHjAcBgkqhkiG9w0BCQEWD2FubkBleGFtcGxl
    Lm9yZzESMBAGCgmSJomT8ixkAQEMAnUxMRcwFQYKCZImiZPyLGQBGRYHZXhhbXBsZTELMAkGA1UEBRMCMTIxDDAKBgNVBAQMA1N1
    cjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABL3dMQTN78THu8yT0CuRaBm5k7xd+pKp5afkDbsoByiLgT+VCUQNQa9YV2LxTcNM
    pj/8VQMhaQEP9kXHIphr89UwCgYIKoZIzj0EAwIDSAAwRQIga3xX/w3/FXCPGcm6Fw0XhHf3avPlM7ZcruIzcn4ZZEQCIQCq0aSg
    EAiGAPAxeTaoTOuNUkPiPjkSChGzoN6YQWN1sQ==
    `,
    'base64',
  ),
)

describe('the subject of a certificate', () => {
  test("is printed as Apache's server prints it", () => {
    expect(subjectOf(certificate)).toBe(
      [
        '2.5.4.4=#0c03537572',
        '2.5.4.5=#13023132',
        'DC=example',
        'UID=u1',
        '1.2.840.113549.1.9.1=#160f616e6e406578616d706c652e6f7267',
        'CN=ann',
        String.raw`OU=a\+b`,
        String.raw`O=Acme \"Inc\"`,
        'L=Köln',
        String.raw`ST=Some\, State`,
        'C=DE',
      ].join(','),
    )
  })

  test('is none where the bytes are no certificate, wherever it is cut or changed', () => {
    for (let length = 0; length < certificate.length; length++) {
      expect(subjectOf(certificate.subarray(0, length))).toBe(null)
    }
    fc.assert(
      fc.property(fc.nat(certificate.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(certificate)
        changed[at] = byte
        const subject = subjectOf(changed)
        expect(subject === null || typeof subject === 'string').toBe(true)
      }),
    )
  })
})

/** As Apache's server judged them. */
test.each([
  ...['', 'CN=ann', 'cn=ann,o=x', 'CN=ann;O=x', 'CN="a,b"', '1.2.3=x', 'OID.1.2.3=x', 'CN=', 'CN=a\\,b'],
  ...['EMAILADDRESS=x', 'CN=a+OU=b', 'CN=a b  c ', 'CN = a', 'CN=a=b', 'CN=#0c0161'],
])('%s is a name', text => {
  expect(isDistinguishedName(text)).toBe(true)
})

test.each([
  'ann',
  'CN',
  'CN=#0403',
  'CN=a,',
  'E=x',
  'FOO=x',
  'CN=<a>',
  'CN="a',
  'CN=a\\',
  `CN=${'a'.repeat(4096)}`,
])('%s is none', text => {
  expect(isDistinguishedName(text)).toBe(false)
})

test('no text takes long to judge', () => {
  for (const part of [' ', '"', '\\', ',', 'CN=', 'CN="a",', '+ '] as const) {
    const text = part.repeat(4096 / part.length)
    const started = performance.now()
    isDistinguishedName(text)
    isDistinguishedName(`CN=${text}<`.slice(-4096))
    expect(performance.now() - started).toBeLessThan(200)
  }
})
