package nexmark

import "math"

const (
	priceSteps   = 1024 // of a decade
	priceBits    = 36   // of the fraction in the table; a value below 10 then fits into 40 bits
	priceDecades = 6
	stepBits     = 64 - 16 // of a random number, below the 16 bits that choose decade and step
)

// prices is 10 to the power of k/1024, times 2 to the power of 36.
type prices [priceSteps + 1]uint64

func newPrices() *prices {
	p := new(prices)
	for k := range p {
		p[k] = uint64(math.Round(math.Pow(10, float64(k)/priceSteps) * (1 << priceBits)))
	}
	return p
}

// price returns 100 times a power of ten between 0 and 6, rounded: 100 to 100 000 000, its logarithm evenly spread.
func (p *prices) price(r *random) int64 {
	decade := r.below(priceDecades)
	bits := r.next()
	step, rest := bits>>(stepBits+6), bits>>(stepBits-10)&0xffff // 10 bits choose the step, 16 the place in it
	value := p[step] + (p[step+1]-p[step])*rest>>16
	cents := uint64(100)
	for range decade {
		cents *= 10
	}
	// value has at most 40 bits, and cents at most 24.
	return int64((value*cents + 1<<(priceBits-1)) >> priceBits)
}
