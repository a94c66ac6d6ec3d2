/**
 * A key and certificate for tests alone: everybody can read the key. Made for `localhost`, `127.0.0.1` and `::1`, and signed
 * by itself, so clients trust it only when they are told to (`ca`). Valid for a hundred years.
 */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvIn4JvKoLUbCPe6I
timxAqwTktPqS4ag4htR+8Q+EvyhRANCAATeU05WdicO/HIM+fiXDAHDCIKdnwba
fTE1eyc/ZGcVcPno5SXcaZ8MY4f8sLT7wzfLG3d8OA2vSKt+KV3cqjmd
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBrzCCAVSgAwIBAgIUXD+O1c8H2xYuIfEHEfuhWCkvatgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAxMjIwNFoYDzIxMjYxMDMw
MDEyMjA0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATeU05WdicO/HIM+fiXDAHDCIKdnwbafTE1eyc/ZGcVcPno5SXcaZ8M
Y4f8sLT7wzfLG3d8OA2vSKt+KV3cqjmdo4GBMH8wHQYDVR0OBBYEFByZxR9FG8u3
sOtvIJmvd1ibFBzMMB8GA1UdIwQYMBaAFByZxR9FG8u3sOtvIJmvd1ibFBzMMA8G
A1UdEwEB/wQFMAMBAf8wLAYDVR0RBCUwI4IJbG9jYWxob3N0hwR/AAABhxAAAAAA
AAAAAAAAAAAAAAABMAoGCCqGSM49BAMCA0kAMEYCIQCbE7pKDdiYPAWCMepA49AQ
+AdNGYPYqZJp1XBblNDlnAIhAPxsPPWt/8d1jcK7O6vyA1nUqOM8ZA+ygSdIrU/b
ZNTq
-----END CERTIFICATE-----
`,
};
