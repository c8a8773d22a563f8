package stored

import (
	"bytes"
	"reflect"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Keeps reports whether every field that is set in one Go value has the same meaning in the other, a pointer to
// the same type. It is the short way to an empty Drift: zero values count as unset, as in their JSON form.
func Keeps(sent, kept any) bool {
	return keeps(reflect.ValueOf(sent), reflect.ValueOf(kept))
}

func keeps(sent, kept reflect.Value) bool {
	if !kept.IsValid() || sent.Type() != kept.Type() {
		return false
	}
	if sent.IsZero() {
		return true
	}
	if same, special := meaning(sent, kept); special {
		return same
	}
	switch sent.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !kept.IsNil() && keeps(sent.Elem(), kept.Elem())
	case reflect.Struct:
		return all(sent.NumField(), func(i int) bool { return keeps(sent.Field(i), kept.Field(i)) })
	case reflect.Slice:
		return sent.Len() == 0 || sent.Len() == kept.Len() && all(sent.Len(), func(i int) bool { return keeps(sent.Index(i), kept.Index(i)) })
	case reflect.Map:
		keys := sent.MapKeys()
		return all(len(keys), func(i int) bool { return keepsKey(keys[i], sent, kept) })
	}
	return sent.Interface() == kept.Interface()
}

// keepsKey demands the key itself even when its value is zero: an empty label is not a missing one.
func keepsKey(key, sent, kept reflect.Value) bool {
	value := kept.MapIndex(key)
	return value.IsValid() && keeps(sent.MapIndex(key), value)
}

func all(count int, holds func(int) bool) bool {
	for i := range count {
		if !holds(i) {
			return false
		}
	}
	return true
}

// meaning compares types whose fields are private or whose values have several spellings.
func meaning(sent, kept reflect.Value) (same, special bool) {
	switch s := sent.Interface().(type) {
	case resource.Quantity:
		k := kept.Interface().(resource.Quantity)
		return s.Cmp(k) == 0, true
	case metav1.Time:
		k := kept.Interface().(metav1.Time)
		return s.Equal(&k), true
	case metav1.MicroTime:
		k := kept.Interface().(metav1.MicroTime)
		return s.Equal(&k), true
	case []byte:
		return bytes.Equal(s, kept.Bytes()), true
	}
	return false, false
}
