package nexmark

import "strconv"

func firstNames() []string {
	return []string{"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"}
}

func lastNames() []string {
	return []string{"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"}
}

func cities() []string {
	return []string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
}

func states() []string { return []string{"AZ", "CA", "ID", "OR", "WA", "WY"} }

func personColumns() []column {
	return []column{
		numberColumn("id", personID),
		textColumn("name", personName),
		textColumn("emailAddress", personEmail),
		textColumn("creditCard", personCard),
		textColumn("city", personCity),
		textColumn("state", personState),
		timeColumn("dateTime", eventMillis),
		textColumn("extra", personExtra),
	}
}

func eventMillis(_ *Generator, e Event) int64 { return e.Millis }

func personID(_ *Generator, e Event) int64 { return firstID + lastPerson(e.ID) }

func personName(g *Generator, dst []byte, e Event) []byte {
	r := g.random(e, fieldName)
	first, last := firstNames(), lastNames()
	dst = append(append(dst, first[r.below(int64(len(first)))]...), ' ')
	return append(dst, last[r.below(int64(len(last)))]...)
}

func personEmail(g *Generator, dst []byte, e Event) []byte {
	const user, host = 7, 5
	r := g.random(e, fieldEmail)
	dst = append(g.phrase(dst, &r, user), '@')
	return append(g.phrase(dst, &r, host), ".com"...)
}

func personCard(g *Generator, dst []byte, e Event) []byte {
	const blocks, most = 4, 10_000
	r := g.random(e, fieldCard)
	for i := range blocks {
		if i > 0 {
			dst = append(dst, ' ')
		}
		n := r.below(most)
		for limit := int64(most / 10); limit > 1 && n < limit; limit /= 10 {
			dst = append(dst, '0')
		}
		dst = strconv.AppendInt(dst, n, 10)
	}
	return dst
}

func personCity(g *Generator, dst []byte, e Event) []byte {
	return pick(dst, g.random(e, fieldCity), cities())
}

func personState(g *Generator, dst []byte, e Event) []byte {
	return pick(dst, g.random(e, fieldState), states())
}

func personExtra(g *Generator, dst []byte, e Event) []byte {
	begin := len(dst)
	for _, text := range []func(*Generator, []byte, Event) []byte{personName, personEmail, personCard, personCity, personState} {
		dst = text(g, dst, e)
	}
	return g.extra(dst[:begin], e.ID, 8+int64(len(dst)-begin), g.c.PersonBytes)
}

func (g *Generator) appendPerson(dst []byte, e Event) []byte {
	dst = append(dst, `{"id":`...)
	dst = strconv.AppendInt(dst, personID(g, e), 10)
	dst = append(dst, `,"name":"`...)
	begin := len(dst)
	dst = personName(g, dst, e)
	size := len(dst) - begin
	for _, part := range [...]struct {
		name string
		text func(*Generator, []byte, Event) []byte
	}{
		{`","emailAddress":"`, personEmail}, {`","creditCard":"`, personCard}, {`","city":"`, personCity}, {`","state":"`, personState},
	} {
		dst = append(dst, part.name...)
		begin = len(dst)
		dst = part.text(g, dst, e)
		size += len(dst) - begin
	}
	dst = append(dst, `","dateTime":`...)
	dst = strconv.AppendInt(dst, e.Millis, 10)
	dst = append(dst, `,"extra":"`...)
	dst = g.extra(dst, e.ID, 8+int64(size), g.c.PersonBytes)
	return append(dst, `"}`...)
}
