package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestReachSeesThroughMacrosAndIsNotFooledByNames(t *testing.T) {
	cases := []struct{ expression, further, volatile string }{
		{`object.spec.image == "a"`, "", ""},
		{`object.resource.http.image`, "", ""},
		{`"resource.Get()" == 'http'`, "", ""},
		{`image("registry.example.com/a").registry() == "a"`, "", ""},
		{`parseServiceAccount(request.userInfo.username).Name == "a"`, "", ""},
		{`resource.Get("v1", "pods", "a", "b")`, "resource", ""},
		{`[1].all(x, http.Get("a") == x)`, "http", ""},
		{`http.Get("a").map(http, http.size())`, "http", ""},
		{`[1].map(resource, resource + 1) == [2]`, "", ""},
		{`[1].map(resource, .resource.Get("v1") == 1)`, "resource", ""},
		{`cel.bind(image, "a", image.size()) == 1`, "", ""},
		{`cel.bind(image, image.GetMetadata("a"), image.digest) == "a"`, "image", ""},
		{`cel.bind(a, resource, a.Get("v1"))`, "resource", ""},
		{`{"a": [globalContext.Get("a", "b")]}`, "globalContext", ""},
		{`{http.Get("a"): 1}`, "http", ""},
		{`has(object.a) ? object.a : image.GetMetadata("x")`, "image", ""},
		{`object.?spec.orValue(resource.List("v1", "pods", ""))`, "resource", ""},
		{`time.now() > timestamp("2020-01-01T00:00:00Z") && random() != ""`, "", "chance clock"},
		{`random.random("[a-z]") == "a"`, "", "chance"},
	}
	for _, c := range cases {
		found, err := reach(c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		further := strings.Join(slices.Sorted(maps.Keys(found.further)), " ")
		reads := strings.Join(slices.Sorted(maps.Keys(found.volatile)), " ")
		if further != c.further || reads != c.volatile {
			t.Errorf("%s reaches %q and reads %q", c.expression, further, reads)
		}
	}
}

func TestShortenKeepsTheBeginningAndSaysHowMuchIsMissing(t *testing.T) {
	got := shorten("short\n" + strings.Repeat("ä", longest+7))
	if got != "short\n"+strings.Repeat("ä", longest)+" … (7 characters more)" {
		t.Fatal(got)
	}
}
