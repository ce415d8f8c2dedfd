package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"csdm/env"
	"csdm/explain"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/identity"
	"csdm/internal/report"
	"csdm/measured"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/run"
)

// Names within the folder of csdm infer.
const (
	answerFile    = "answer.npz"
	networkFolder = "network"
)

// answerDraws is the number of draws of an answer.
const answerDraws = 256

// inferCall is a call of csdm infer.
type inferCall struct {
	problem problemFlags
	y       mapFlags
	preset  string
	set     []string
	network bool
	out     string
	show    printer[*inferResult]

	made      problems.Problem
	taken     *measured.Taken
	explainer *infer.Explainer
	verdict   *explain.Verdict // tests of the measurement so far
}

// inferCommand goes from a problem file and a map to a folder with the answer.
func (a *app) inferCommand() *cobra.Command {
	c := &inferCall{}
	cmd := &cobra.Command{
		Use:   "infer",
		Short: "From a problem file and a measured map to a posterior with its verdict",
		Long: `infer computes the posterior of one measured map and writes a folder: answer.npz
with the posterior, its draws and its quantities, and report.html with the map, the posterior, the
verdict and the certificate.

Where the forward model is a smooth function of few variables, as it is for a problem file of csdm
specimen, a descent finds the posterior, and importance sampling makes it exact. This needs no
network. With --network, or for any other problem, infer first makes pairs and trains a network in
the folder network, as csdm run does. It first states how long this will take. The network's
draws are then weighted by the forward model if the problem allows it.

If the model does not explain the map, or if the certificate is refused, the folder is written all
the same and reports that, and the exit code is 65. The same command resumes a stopped call. In a
finished folder it changes nothing.

` + takingHelp + `

` + shownHelp,
		Example: "  csdm infer --problem lab.toml --y map.npy --set map.extent=26.3,34.6mm " +
			"-o answer",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.infer(cmd.Context(), c)
		},
	}
	c.problem.add(cmd)
	c.y.add(cmd, "y", "measurement in physical units")
	f := cmd.Flags()
	f.StringVar(&c.preset, "preset", "tiny",
		"settings of the training: tiny, small, full or paper")
	f.BoolVar(&c.network, "network", false, "train a network although the posterior needs none")
	setFlag(cmd, &c.set, "map.unit=mm")
	explainSettings(cmd, "training.")
	explainSettings(cmd, "data.")
	f.StringVarP(&c.out, "out", "o", "", "folder of the answer")
	required(cmd, "out")
	c.show.of(a, cmd, "")
	return cmd
}

// infer makes the answer or finds it, writes the page, and prints both. A page
// without an answer belongs to something else and is not replaced. The page of
// a refused answer is written too: a reader must see why. The error comes last,
// so that the exit code is 65 in each such case.
func (a *app) infer(ctx context.Context, c *inferCall) (err error) {
	if c.made, err = c.problem.resolve(); err != nil {
		return err
	}
	if c.taken, err = a.take(&c.y, measured.MeasurementGrid(c.made.Spec())); err != nil {
		return err
	}
	env, err := a.env()
	if err != nil {
		return err
	}
	if err := disk.MkdirAll(c.out); err != nil {
		return err
	}
	path, page := filepath.Join(c.out, answerFile), filepath.Join(c.out, report.PageFile)
	answered := atomicfile.Exists(path)
	if !answered && !a.overwrite && atomicfile.Exists(page) { // of something else
		return &fs.PathError{Op: "write", Path: page, Err: fs.ErrExist}
	}
	c.explainer = infer.NewExplainer(c.made, nil)
	c.verdict = c.explainer.Start(c.taken.Values)
	var p *infer.Posterior
	if infer.NeedsNoNetwork(c.made) && !c.network {
		p, err = a.search(ctx, c, path, env)
	} else {
		p, err = a.trained(ctx, c, path, env)
	}
	if err != nil {
		return err
	}
	if !answered || !atomicfile.Exists(page) || a.overwrite {
		if err := run.AnswerPage(c.made, c.taken.Values, p, env).WriteFolder(c.out,
			true); err != nil {
			return err
		}
	}
	v := &inferResult{c.out, page, p.Draws, p.Explained, p.Certificate, p.Origin.Quantities,
		mapFile(path)}
	if err := c.show.print(v, func(w io.Writer) {
		if p.Explained != nil {
			fmt.Fprintln(w, p.Explained.Text)
		}
		printCertificate(w, p)
		printQuantities(w, p.Origin.Quantities, p.Origin.Regions, nil)
		fmt.Fprintln(w, "report:", page)
	}); err != nil {
		return err
	}
	if e := p.Explained; e != nil && !e.Explained {
		return infer.NotExplained(e)
	}
	return p.Refusal(path)
}

// search returns the finished answer, or makes it without a network.
func (a *app) search(ctx context.Context, c *inferCall, path string, env env.Env) (
	*infer.Posterior, error) {
	id := infer.SearchIdentity(c.made, c.taken.Values, answerDraws, a.seed)
	if p, err := a.answered(c, path, id); p != nil || err != nil {
		return p, err
	}
	job := infer.Job{Seed: a.seed, Partial: path + ".partial"}
	p, err := infer.Search(ctx, c.explainer, c.verdict, c.taken.Values, answerDraws, job, env)
	if err != nil {
		return nil, err
	}
	return p, errors.Join(p.WriteFile(path, a.overwrite), infer.RemovePartial(job.Partial))
}

// trained returns the finished answer, or trains a network and makes it.
func (a *app) trained(ctx context.Context, c *inferCall, path string, env env.Env) (
	*infer.Posterior, error) {
	r, err := c.recipe(a)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(c.out, networkFolder)
	if _, err := run.Chain(ctx, dir, r, env); err != nil {
		return nil, err
	}
	m, err := a.openModel(filepath.Join(dir, run.ModelFile))
	if err != nil {
		return nil, err
	}
	s := recipe.Sampling(m, answerDraws)
	y := c.taken.Values
	id := infer.DrawsIdentity(m, y, s, a.seed)
	certified := infer.CanCertify(c.made) == nil
	if certified {
		id = infer.CertifiedIdentity(id, c.made, s.Draws)
	}
	if p, err := a.answered(c, path, id); p != nil || err != nil {
		return p, err
	}
	job := infer.Job{Seed: a.seed, Partial: path + ".partial", Earlier: path,
		Overwrite: a.overwrite}
	p, err := infer.Sample(ctx, m, y, s, job, env)
	if err != nil {
		return nil, err
	}
	p.Origin.Model = filepath.Join(networkFolder, run.ModelFile)
	p.Explained = c.verdict
	if certified {
		err = p.Certify(ctx, c.explainer, y, a.seed, env)
	} else {
		err = infer.NewExplainer(c.made, m).Posterior(ctx, c.verdict, p, y, env)
		p.Quantify(c.made)
	}
	if err != nil {
		return nil, err
	}
	return p, errors.Join(p.WriteFile(path, a.overwrite), infer.RemovePartial(job.Partial))
}

// answered returns the finished answer of an identity, or nil. It shows the map
// before any computation.
func (a *app) answered(c *inferCall, path string, id identity.Identity) (*infer.Posterior, error) {
	there := false
	if !a.overwrite {
		var err error
		if there, err = infer.Finished(path, id); err != nil {
			return nil, err
		}
	}
	if err := a.showMap(c.taken, path); err != nil || !there {
		return nil, err
	}
	a.console.note("already there: " + path)
	return infer.ReadPosterior(path)
}

// recipe returns the settings of the training.
func (c *inferCall) recipe(a *app) (*recipe.Recipe, error) {
	name, o, err := c.problem.choice()
	if err != nil {
		return nil, err
	}
	r, err := recipe.Resolve(name, c.preset, o, a.seed)
	if err != nil {
		return nil, err
	}
	r.Cases, r.Reference.Method = 0, recipe.MethodNone
	for _, assignment := range c.set {
		if _, err := assign(r, assignment); err != nil {
			return nil, cli.Usage(err)
		}
	}
	if err := r.Validate(); err != nil {
		return nil, cli.Config(err)
	}
	if !builtin.IsFile(name) {
		a.console.note("problem " + name + " is built in: its size and edges are the paper's")
	}
	return r, nil
}
