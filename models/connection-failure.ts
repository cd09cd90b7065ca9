/** The causes of a failed connection by Node's, OpenSSL's and undici's codes, in words. None of them reached the server. */
const unconnected: Record<string, string> = {
  ECONNREFUSED: "nothing listens at this address and port",
  ENOTFOUND: "there is no host of this name",
  EAI_AGAIN: "the name server does not answer",
  EHOSTUNREACH: "there is no way to this host",
  ENETUNREACH: "there is no way to this network",
  EADDRNOTAVAIL: "this address cannot be reached from here",
  ETIMEDOUT: "the host did not answer in time",
  UND_ERR_CONNECT_TIMEOUT: "the host did not answer in time",
  EPROTO: "the port does not speak TLS: try http:// instead of https://",
  ERR_SSL_WRONG_VERSION_NUMBER: "the port does not speak TLS: try http:// instead of https://",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "the port does not speak TLS: try http:// instead of https://",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed: name it by NODE_EXTRA_CA_CERTS",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its certificates are signed by an unknown authority: name it by NODE_EXTRA_CA_CERTS",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate is signed by an unknown authority: name it by NODE_EXTRA_CA_CERTS",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "its certificate is signed by an unknown authority: name it by NODE_EXTRA_CA_CERTS",
  ERR_INVALID_URL: "this is no URL",
};

/** Causes after which the server may have worked on the request. */
const interrupted: Record<string, string> = {
  ECONNRESET: "the server closed the connection",
  EPIPE: "the server closed the connection",
  UND_ERR_SOCKET: "the server closed the connection",
  UND_ERR_HEADERS_TIMEOUT: "the server did not begin to answer in time",
  UND_ERR_BODY_TIMEOUT: "the server fell silent in its answer",
  HPE_INVALID_CONSTANT: "the server does not speak HTTP: is it https://?",
};

/** Those that the same request meets again. */
const lasting =
  /^(ENOTFOUND|EPROTO|ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_INVALID_URL|HPE_)/;

export interface ConnectionFailure {
  /** One of the codes above, or another one of the system's; null: no connection failed. */
  code: string | null;
  /** In words, with the system's own where there are none of ours. */
  cause: string;
  /** The server never saw the request. */
  neverSent: boolean;
  /** The same request will fail again. */
  lasting: boolean;
}

/** What stopped a request that got no HTTP answer. */
export function connectionFailure(error: unknown): ConnectionFailure {
  let deepest = error;
  for (let at = error; at instanceof Error; at = at.cause ?? (at as AggregateError).errors?.[0]) {
    deepest = at;
    const { code = "", message } = at as NodeJS.ErrnoException;
    const proxy = /^Proxy response \((\d+)\)/.exec(message);
    if (proxy)
      return { code: "PROXY", cause: `the proxy answered ${proxy[1]}`, neverSent: true, lasting: false };
    const words = unconnected[code] ?? interrupted[code];
    if (words)
      return {
        code,
        cause: `${words} (${code})`,
        neverSent: code in unconnected,
        lasting: lasting.test(code),
      };
  }
  // What fetch itself refuses to send.
  const unsendable = /bad port|unknown scheme|invalid (?:url|header)|ByteString/i.test(String(deepest));
  const cause = deepest instanceof Error ? deepest.message : String(deepest);
  return { code: null, cause, neverSent: unsendable, lasting: unsendable };
}
