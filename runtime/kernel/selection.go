package kernel

import "slices"

// NotNull writes to dst the rows of a selection over n rows that are not marked, and returns it; it is never nil.
// dst may be the selection's own memory.
func NotNull(dst []int32, null []bool, sel []int32, n int) []int32 {
	if sel == nil {
		dst = room(dst, n)
		k := 0
		for i, x := range null[:n] {
			dst[k] = int32(i)
			k += bit(!x)
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	k := 0
	for _, i := range sel {
		dst[k] = i
		k += bit(!null[i])
	}
	return dst[:k]
}

// True writes to dst the rows of a selection over n rows whose value is TRUE, and returns it; it is never nil. null may be
// nil. dst may be the selection's own memory.
func True(dst []int32, value, null []bool, sel []int32, n int) []int32 {
	if null == nil {
		return equalBool(dst, value, sel, n)
	}
	if sel == nil {
		dst = room(dst, n)
		k := 0
		for i, x := range value[:n] {
			dst[k] = int32(i)
			k += bit(x && !null[i])
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	k := 0
	for _, i := range sel {
		dst[k] = i
		k += bit(value[i] && !null[i])
	}
	return dst[:k]
}

func equalBool(dst []int32, value []bool, sel []int32, n int) []int32 {
	if sel == nil {
		dst = room(dst, n)
		k := 0
		for i, x := range value[:n] {
			dst[k] = int32(i)
			k += bit(x)
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	k := 0
	for _, i := range sel {
		dst[k] = i
		k += bit(value[i])
	}
	return dst[:k]
}

// OrNulls adds the marks of src to those of dst.
func OrNulls(dst, src []bool) {
	for i, x := range src[:len(dst)] {
		dst[i] = dst[i] || x
	}
}

// room returns dst with n slots of unspecified content, never nil.
func room(dst []int32, n int) []int32 {
	if cap(dst) < n || dst == nil {
		dst = slices.Grow(make([]int32, 0, max(n, 1)), n)
	}
	return dst[:n]
}

// bit is 1 for true; the compiler makes it a move without a branch.
func bit(x bool) int {
	n := 0
	if x {
		n = 1
	}
	return n
}

// NotTrue writes to dst the rows of a selection over n rows whose value is FALSE or NULL, and returns it; it is never
// nil. null may be nil. dst may be the selection's own memory.
func NotTrue(dst []int32, value, null []bool, sel []int32, n int) []int32 {
	k := 0
	if sel == nil {
		dst = room(dst, n)
		for i, x := range value[:n] {
			dst[k] = int32(i)
			k += bit(!x || null != nil && null[i])
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	for _, i := range sel {
		dst[k] = i
		k += bit(!value[i] || null != nil && null[i])
	}
	return dst[:k]
}

// NotFalse writes to dst the rows of a selection over n rows whose value is TRUE or NULL, and returns it; it is never
// nil. null may be nil. dst may be the selection's own memory.
func NotFalse(dst []int32, value, null []bool, sel []int32, n int) []int32 {
	k := 0
	if sel == nil {
		dst = room(dst, n)
		for i, x := range value[:n] {
			dst[k] = int32(i)
			k += bit(x || null != nil && null[i])
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	for _, i := range sel {
		dst[k] = i
		k += bit(value[i] || null != nil && null[i])
	}
	return dst[:k]
}

// Null writes to dst the rows of a selection over n rows that are marked, and returns it; it is never nil. dst may be the
// selection's own memory.
func Null(dst []int32, null []bool, sel []int32, n int) []int32 {
	k := 0
	if sel == nil {
		dst = room(dst, n)
		for i, x := range null[:n] {
			dst[k] = int32(i)
			k += bit(x)
		}
		return dst[:k]
	}
	dst = room(dst, len(sel))
	for _, i := range sel {
		dst[k] = i
		k += bit(null[i])
	}
	return dst[:k]
}
