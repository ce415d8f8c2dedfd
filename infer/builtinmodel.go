package infer

import (
	"bytes"

	"csdm/models"
	"csdm/nn"
)

// BuiltinModel reads the embedded model of that name, without prefix.
//
// The bytes are part of the program. Each call decodes them again, so that a
// caller may change the weights of its copy, as tests of spoiled networks do.
func BuiltinModel(name string) (*nn.Model, error) {
	data, err := models.Model(name)
	if err != nil {
		return nil, err
	}
	return nn.ReadModel(bytes.NewReader(data), int64(len(data)))
}
