"""Makes the golden file of the LSTM: torch.nn.LSTM with a linear head on a small batch, its outputs, the mean squared
error and all gradients. Run with a Python that has torch and safetensors.

usage: lstm.py tensor/src/test/resources/golden/lstm.safetensors
"""

import sys

import torch
from safetensors.torch import save_file

FEATURES, HIDDEN, LAYERS, BATCH, TIME = 3, 5, 2, 4, 7


class Regressor(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(FEATURES, HIDDEN, LAYERS, batch_first=True)
        self.head = torch.nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1]).squeeze(1)


def main():
    torch.manual_seed(1)
    model = Regressor()
    x, targets = torch.randn(BATCH, TIME, FEATURES), torch.randn(BATCH)
    output = model(x)
    loss = torch.nn.functional.mse_loss(output, targets)
    loss.backward()
    tensors = {"x": x, "targets": targets, "output": output.detach(), "loss": loss.detach().reshape(1)}
    for name, parameter in model.named_parameters():
        tensors[name] = parameter.detach()
        tensors["grad." + name] = parameter.grad
    save_file(tensors, sys.argv[1])


if __name__ == "__main__":
    main()
