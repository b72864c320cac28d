"""M3GNet as matgl computed it before version 3, for weights that were trained that way.

matgl changed two things without a sign in its files. Old weights in a new matgl give no error and wrong energies: -2.1 instead of
-5.96 eV/atom for MgO.

1. Messages were summed into the atom at the END of a bond; since 3.0 into the atom at its start (matgl pull request 761). This is nearly
   the whole difference.
2. The three-body step keeps only bonds within a shorter cut-off and numbers them anew. It used those new numbers to look things up in
   tables of ALL bonds; since 4.1 it uses the bonds' own numbers. This was a defect, but the published weights were trained with it. It is
   worth up to 2e-4 eV/atom and 4e-3 eV/Å, and it makes the energy depend weakly on the order of the atoms: a supercell or another
   order moves it by 1e-6 to 1e-4 eV/atom.

Here both are as they were. In a batch, old numbers are counted within each structure, so that a batch gives what single structures give.
Compared with matgl 1.1.3 on dgl 1.1.3: energies agree to 2e-7 eV/atom and forces to 5e-6 eV/Å in double precision.
"""

from __future__ import annotations

from typing import Any

import torch
from matgl.graph._compute import compute_pair_vector_and_distance
from matgl.layers._graph_convolution import M3GNetGraphConv
from matgl.layers._three_body import ThreeBodyInteractions
from matgl.models import M3GNet
from torch import Tensor


class _IntoBondEnd(M3GNetGraphConv):  # type: ignore[misc] # matgl's types are not used
    """A graph convolution whose messages go to the atom at the end of each bond."""

    def __init__(self, now: M3GNetGraphConv) -> None:
        """Take over the layers of today's convolution."""
        super().__init__(
            now.include_state, now.edge_update_func, now.edge_weight_func, now.node_update_func, now.node_weight_func, now.state_update_func
        )

    def node_update_(  # noqa: PLR0917 - the package's signature
        self, edge_index: Tensor, edge_feat: Tensor, node_feat: Tensor, rbf: Tensor, u_per_edge: Tensor | None, num_nodes: int
    ) -> Tensor:
        """Return the sum of messages at each atom, (num_nodes, dim)."""
        start, end = edge_index[0], edge_index[1]
        parts = [node_feat[start], node_feat[end], edge_feat] + ([] if u_per_edge is None else [u_per_edge])
        messages = self.node_update_func(torch.hstack(parts)) * self.node_weight_func(rbf)
        return messages.new_zeros(num_nodes, messages.shape[1]).index_add(0, end, messages)


class _PrunedNumbers(ThreeBodyInteractions):  # type: ignore[misc] # matgl's types are not used
    """A three-body step that looks bonds up by the numbers they get when the long ones are left out."""

    first_bond: Tensor
    """(num_bonds,) number of the first bond of each bond's structure; set before every pass."""
    within: Tensor
    """(num_bonds,) whether a bond is short enough for angles, as the line graph decides; set before every pass."""

    def forward(  # noqa: PLR0917 - the package's signature
        self,
        edge_dst_atom: Tensor,
        line_edge_index: Tensor,
        n_triple_ij: Tensor,
        num_bonds: int,
        three_basis: Tensor,
        three_cutoff: Tensor,
        node_feat: Tensor,
        edge_feat: Tensor,
    ) -> Tensor:
        """Return the updated bond features, (num_bonds, dim).

        Args:
            edge_dst_atom: (num_bonds,) atom at the end of each bond.
            line_edge_index: (2, n_triples) the two bonds of each angle, by their own numbers.
            n_triple_ij: (num_bonds,) not used.
            num_bonds: Bonds of the batch.
            three_basis: (n_triples, dim) basis of each angle.
            three_cutoff: (num_bonds,) weight of each bond, 0 for those that are left out.
            node_feat: (n_atoms, dim).
            edge_feat: (num_bonds, dim).
        """
        # Not by three_cutoff > 0: its polynomial rounds to nothing just inside the cut-off, where the line graph still has the bond.
        kept_so_far = torch.cumsum(self.within.long(), 0)
        kept_in_earlier_structures = torch.cat([kept_so_far.new_zeros(1), kept_so_far])[self.first_bond]
        old_numbers = self.first_bond + kept_so_far - 1 - kept_in_earlier_structures
        looked_up = old_numbers[line_edge_index.long()]
        return super().forward(edge_dst_atom, looked_up, n_triple_ij, num_bonds, three_basis, three_cutoff, node_feat, edge_feat)


class M3GNetBefore3(M3GNet):  # type: ignore[misc] # matgl's types are not used
    """The network of matgl 0.9 to 2.2; arguments and weights as there."""

    def __init__(self, **arguments: Any) -> None:
        """Build the network and put the old layers in the place of the new ones; no weight changes its name."""
        super().__init__(**arguments)
        for block in self.graph_layers:
            block.conv = _IntoBondEnd(block.conv)
        for number, layer in enumerate(self.three_body_interactions):
            self.three_body_interactions[number] = _PrunedNumbers(layer.update_network_atom, layer.update_network_bond)

    def forward(self, g: Any, state_attr: Tensor | None = None, l_g: dict[str, Tensor] | None = None, **options: Any) -> Tensor:
        """Return the energy of each structure, as ``M3GNet.forward`` does."""
        start = g.edge_index[0]
        batch = getattr(g, "batch", None)
        structure = torch.zeros_like(start) if batch is None else batch[start].contiguous()
        first_bond = torch.searchsorted(structure, structure)
        _, bond_dist = compute_pair_vector_and_distance(g.pos, g.edge_index, getattr(g, "pbc_offshift", None))
        within = bond_dist.detach() <= self.threebody_cutoff
        for layer in self.three_body_interactions:
            layer.first_bond, layer.within = first_bond, within
        return super().forward(g, state_attr, l_g, **options)
