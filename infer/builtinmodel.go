package infer

import (
	"bytes"

	"csdm/models"
	"csdm/nn"
)

// BuiltinModel reads the embedded model of that name, without prefix.
func BuiltinModel(name string) (*nn.Model, error) {
	data, err := models.Model(name)
	if err != nil {
		return nil, err
	}
	return nn.ReadModel(bytes.NewReader(data), int64(len(data)))
}
