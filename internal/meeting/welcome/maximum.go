package welcome

import "math"

// maximum finds the highest point of f between lo and hi: a coarse look for the right hill, then the
// climb. It needs no derivative and always ends.
func maximum(lo, hi float64, f func(float64) float64) (x, value float64) {
	const looks = 12
	step := (hi - lo) / looks
	best := math.Inf(-1)
	for i := 0; i <= looks; i++ {
		p := lo + float64(i)*step
		if v := f(p); v > best {
			best, x = v, p
		}
	}
	return climb(max(lo, x-step), min(hi, x+step), x, best, f)
}

// hill remembers where its top was, because the next one asked about is near.
type hill struct {
	top   float64
	known bool
}

// maximum is the function of that name; from the second time on it begins where the top was.
func (h *hill) maximum(lo, hi float64, f func(float64) float64) (x, value float64) {
	if !h.known {
		x, value = maximum(lo, hi, f)
	} else {
		x, value = h.again(lo, hi, f)
	}
	h.top, h.known = x, true
	return x, value
}

func (h *hill) again(lo, hi float64, f func(float64) float64) (x, value float64) {
	step := 0.2
	x, value = h.top, f(h.top)
	a, b := max(lo, x-step), min(hi, x+step)
	left, right := f(a), f(b)
	// Walk uphill with longer and longer steps until the top lies between a and b.
	for left > value && a > lo {
		b, x, value = x, a, left
		step *= 2
		a = max(lo, a-step)
		left = f(a)
	}
	for right > value && b < hi {
		a, x, value = x, b, right
		step *= 2
		b = min(hi, b+step)
		right = f(b)
	}
	if left > value {
		x, value = a, left
	}
	if right > value {
		x, value = b, right
	}
	return climb(a, b, x, value, f)
}

// climb finds the top between a and b by Brent's parabolas and golden sections, from x on.
func climb(a, b, x, fx float64, f func(float64) float64) (top, value float64) {
	const golden, tiny = 0.3819660112501051, 1e-8
	w, v := x, x
	fw, fv := fx, fx
	d, e := 0.0, 0.0
	for range 100 {
		mid := (a + b) / 2
		tol := tiny*math.Abs(x) + tiny
		if math.Abs(x-mid) <= 2*tol-(b-a)/2 {
			break
		}
		parabola := false
		if math.Abs(e) > tol {
			r := (x - w) * (fv - fx)
			q := (x - v) * (fw - fx)
			p := (x-v)*q - (x-w)*r
			q = 2 * (q - r)
			if q > 0 {
				p = -p
			}
			q = math.Abs(q)
			if math.Abs(p) < math.Abs(q*e/2) && p > q*(a-x) && p < q*(b-x) {
				e, d = d, p/q
				parabola = true
				if u := x + d; u-a < 2*tol || b-u < 2*tol {
					d = math.Copysign(tol, mid-x)
				}
			}
		}
		if !parabola {
			if x < mid {
				e = b - x
			} else {
				e = a - x
			}
			d = golden * e
		}
		u := x + d
		if math.Abs(d) < tol {
			u = x + math.Copysign(tol, d)
		}
		fu := f(u)
		if fu >= fx {
			if u < x {
				b = x
			} else {
				a = x
			}
			v, fv, w, fw, x, fx = w, fw, x, fx, u, fu
			continue
		}
		if u < x {
			a = u
		} else {
			b = u
		}
		switch {
		case fu >= fw || w == x:
			v, fv, w, fw = w, fw, u, fu
		case fu >= fv || v == x || v == w:
			v, fv = u, fu
		}
	}
	return x, fx
}
