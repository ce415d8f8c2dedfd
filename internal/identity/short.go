package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// ShortHash returns the first 16 hexadecimal digits of the SHA-256 of v's JSON.
// Manifests use it to refer to models and datasets. It is not a key of a
// result; use an Identity for that.
func ShortHash(v any) (string, error) {
	text, err := json.Marshal(v)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}
