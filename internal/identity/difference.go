package identity

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Difference is a part in which two identities differ, with its dotted name.
// Its values are texts: JSON, the first digits of a hash, or "" if one identity
// lacks the part.
type Difference struct{ Name, There, Asked string }

// String returns the part and both values, such as "sampling.sigma_max: 20 in
// the file, 80 in this call".
func (d Difference) String() string {
	return d.Name + ": " + orNone(d.There) + " in the file, " + orNone(d.Asked) + " in this call"
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Differences lists the parts in which two identities differ.
type Differences []Difference

// String joins the differences by semicolons.
func (d Differences) String() string {
	texts := make([]string, len(d))
	for i, x := range d {
		texts[i] = x.String()
	}
	return strings.Join(texts, "; ")
}

// Compare returns the differences of the requested identity from the existing
// one; there are none if and only if they are equal. The requested parts come
// first, in their order, then the parts that only the existing one has.
func Compare(there, asked Identity) (out Differences) {
	if there == asked {
		return nil
	}
	was, is := there.leaves(), asked.leaves()
	values := make(map[string]string, len(was))
	for _, l := range was {
		values[l.name] = l.value
	}
	known := make(map[string]bool, len(is))
	for _, l := range is {
		known[l.name] = true
		if v, has := values[l.name]; !has || v != l.value {
			out = append(out, Difference{l.name, short(v), short(l.value)})
		}
	}
	for _, l := range was {
		if !known[l.name] {
			out = append(out, Difference{l.name, short(l.value), ""})
		}
	}
	if len(out) == 0 { // the same parts in another order
		out = append(out, Difference{"identity", there.String()[:shortDigits],
			asked.String()[:shortDigits]})
	}
	return out
}

type leaf struct{ name, value string }

// leaves returns the values of the text in its order, each with its dotted
// name. Elements of lists have their index in brackets.
func (id Identity) leaves() (out []leaf) {
	var walk func(name string, raw json.RawMessage)
	walk = func(name string, raw json.RawMessage) {
		d := json.NewDecoder(bytes.NewReader(raw))
		token, err := d.Token()
		delim, nested := token.(json.Delim)
		if err != nil || !nested {
			out = append(out, leaf{name, string(raw)})
			return
		}
		i := 0
		for ; d.More(); i++ {
			inner := name + "[" + strconv.Itoa(i) + "]"
			if delim == '{' {
				key, err := d.Token()
				if err != nil {
					break
				}
				inner = strings.TrimPrefix(name+"."+key.(string), ".")
			}
			var value json.RawMessage
			if d.Decode(&value) != nil {
				break
			}
			walk(inner, value)
		}
		if i == 0 {
			out = append(out, leaf{name, string(raw)})
		}
	}
	if !id.IsZero() {
		walk("", json.RawMessage(id.text))
	}
	return out
}

const shortDigits = 12

// short cuts the digits of a hash.
func short(value string) string {
	if digits, ok := strings.CutPrefix(strings.Trim(value, `"`), hashMark); ok &&
		len(digits) > shortDigits {
		return digits[:shortDigits]
	}
	return value
}
