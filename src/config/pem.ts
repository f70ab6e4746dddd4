import type { KeyObject, X509Certificate } from 'node:crypto';

const certificateBlock = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;
const keyBlock = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----.+-----END (?:[A-Z]+ )?PRIVATE KEY-----/s;

/** What is wrong with a file, in words that quote nothing of it. */
export interface Flaw {
  readonly found: string;
  readonly fix: string;
}

/** Undefined when the text holds certificates, and each can be read. */
export function flawOfCertificates(text: string): Flaw | undefined {
  const certificates = text.match(certificateBlock) ?? [];
  if (certificates.length === 0) {
    return {
      found: 'a file without any',
      fix: 'name a PEM file, as openssl x509 -inform DER -in FILE makes it',
    };
  }
  const broken = certificates.findIndex((block) => parseCertificate(block) === undefined);
  if (broken < 0) return undefined;
  return { found: `a file whose certificate ${broken + 1} is damaged`, fix: 'copy it again' };
}

/** Undefined when the text holds a private key, which may still be damaged or encrypted. */
export function flawOfKey(text: string): Flaw | undefined {
  if (keyBlock.test(text)) return undefined;
  return {
    found: 'a file without any',
    fix: 'name a PEM file, as openssl pkey -inform DER -in FILE makes it',
  };
}

export function hasCertificate(text: string): boolean {
  return text.search(certificateBlock) >= 0;
}

export function isEncryptedKey(text: string): boolean {
  return /ENCRYPTED/.test(text);
}

/** The first certificate of a text. */
export function parseCertificate(text: string): X509Certificate | undefined {
  try {
    return new (crypto().X509Certificate)(text);
  } catch {
    return undefined;
  }
}

/** Undefined for a damaged key, and for a wrong passphrase. */
export function parseKey(key: string, passphrase: string | undefined): KeyObject | undefined {
  try {
    return crypto().createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    return undefined;
  }
}

// Loaded when needed: agents without TLS do without its memory.
const crypto = () => process.getBuiltinModule('node:crypto');
