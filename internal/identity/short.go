package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// ShortHash returns the first 16 hexadecimal digits of the SHA-256 of v's JSON.
// Manifests name models and datasets by it. It is no key of a result: that is
// an Identity.
func ShortHash(v any) (string, error) {
	text, err := json.Marshal(v)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}
