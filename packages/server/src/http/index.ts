/**
 * Owns what all surfaces share about HTTP and nothing that any one of them decides: the client's address, strict
 * bodies, traffic buckets, cookies, security headers, serialising by schema, the options of WebAuthn. Holds no routes.
 */
export { parseTrustedProxies, type TrustedProxies } from './client-address.ts';
export { type CookieJar, createCookieJar } from './cookies.ts';
export { type Device, describeDevice, maskAddress } from './device.ts';
export { createEventStreams, eventFrame } from './event-streams.ts';
export { JsonBodyError, parseJsonBody, textOfBody } from './json-body.ts';
export { isDirectLoopback, isLocalHost } from './loopback.ts';
export { answerUnread, isAmbiguous } from './malformed.ts';
export { originOf } from './origin.ts';
export { readableUrl } from './readable-url.ts';
export { createSerializerCompiler, createValidatorCompiler } from './schemas.ts';
export { createSealedCookie } from './sealed-cookie.ts';
export { contentPolicy, isCrossSite, type PolicyExtras, securityHeaders } from './security-headers.ts';
export { type Bucket, createTraffic, type Traffic } from './traffic.ts';
export { followUnused } from './unused-connections.ts';
export { creationOptions, requestOptions } from './webauthn.ts';
