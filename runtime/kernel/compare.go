package kernel

// Equal writes for each selected row whether a equals b, or, negated, differs.
func Equal[T number](dst []bool, a, b []T, sel []int32, negate bool) {
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			dst[i] = equal(x, b[i]) != negate
		}
		return
	}
	for _, i := range sel {
		dst[i] = equal(a[i], b[i]) != negate
	}
}

// Less writes for each selected row whether a is less than b, or, negated, at least b.
func Less[T number](dst []bool, a, b []T, sel []int32, negate bool) {
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			dst[i] = less(x, b[i]) != negate
		}
		return
	}
	for _, i := range sel {
		dst[i] = less(a[i], b[i]) != negate
	}
}

// SelectEqual writes to dst the selected rows on which a equals b, or, negated, differs, and returns it, never nil. dst
// may be the selection's own memory.
func SelectEqual[T number](dst []int32, a, b []T, sel []int32, negate bool) []int32 {
	k := 0
	if sel == nil {
		dst, b = room(dst, len(a)), b[:len(a)]
		for i, x := range a {
			dst[k] = int32(i)
			k += bit(equal(x, b[i]) != negate)
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	for _, i := range sel {
		dst[k] = i
		k += bit(equal(a[i], b[i]) != negate)
	}
	return dst[:k]
}

// SelectLess writes to dst the selected rows on which a is less than b, or, negated, at least b, and returns it, never
// nil. dst may be the selection's own memory.
func SelectLess[T number](dst []int32, a, b []T, sel []int32, negate bool) []int32 {
	k := 0
	if sel == nil {
		dst, b = room(dst, len(a)), b[:len(a)]
		for i, x := range a {
			dst[k] = int32(i)
			k += bit(less(x, b[i]) != negate)
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	for _, i := range sel {
		dst[k] = i
		k += bit(less(a[i], b[i]) != negate)
	}
	return dst[:k]
}
